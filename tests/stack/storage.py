"""Storage of a customer's own, on a port to which results may be uploaded: it passes everything on to a bucket.

The emulator's own port is closed to what customers name. It verifies what was signed, as S3 does.
"""

import http.client
from collections import deque
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from loopback import Server


class Storage:
    """Listens on a free port of loopback until it is closed."""

    def __init__(self, endpoint: str) -> None:
        class Handler(_Handler):
            storage = self

        self.behind = urlsplit(endpoint)
        self.uploads: list[tuple[str, dict[str, str]]] = []
        """Method and headers of what came."""
        self.failing: deque[int] = deque()
        """What the next uploads are answered instead of being passed on."""
        self.server = Server(Handler)
        self.url = self.server.url("")
        self.close = self.server.close


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    storage: Storage

    def upload(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.storage.uploads.append((self.command, headers))
        if self.storage.failing:
            self.answer(self.storage.failing.popleft(), b"")
            return
        connection = http.client.HTTPConnection(self.storage.behind.netloc, timeout=30)
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        self.answer(answer.status, answer.read())
        connection.close()

    do_PUT = do_POST = upload

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: what came is kept."""
