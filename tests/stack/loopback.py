"""A threaded HTTP server on a free port of loopback."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """Serves from its making on, until it is closed."""

    daemon_threads = True
    request_queue_size = 128  # a burst beyond the usual 5 would be made to wait by the kernel

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()
