"""A receiver of webhooks that keeps all that comes, and answers as it is told."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, TypeAlias

from loopback import Server


@dataclass
class Delivery:
    """One POST. Times are seconds since 1970."""

    path: str
    headers: dict[str, str]
    body: bytes
    peer: int
    """The sender's port."""
    arrived: float
    over: float | None = None
    """When it was answered, or its sender gave up."""

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What a delivery is answered."""

    status: int | None = 200
    """None: nothing at all, until the sender gives up."""
    after: threading.Event | None = None
    """Answer only when this is set."""


Script: TypeAlias = Callable[[Delivery, int], Reply]
"""From a delivery, and which one it is on its path (from 1), to its answer."""


class Receiver:
    """Listens on a free port of loopback until it is closed."""

    def __init__(self, script: Script = lambda _delivery, _number: Reply()) -> None:
        class Handler(_Handler):
            receiver = self

        self.script = script
        self.deliveries: list[Delivery] = []
        self.changed = threading.Condition()
        self.server = Server(Handler)
        self.url = self.server.url
        self.close = self.server.close

    def at(self, path: str) -> list[Delivery]:
        """What came to a path so far, in its order."""
        with self.changed:
            return [delivery for delivery in self.deliveries if delivery.path == path]

    def wait(self, path: str, count: int = 1, seconds: float = 60) -> list[Delivery]:
        """What came to a path, once that is `count` deliveries."""
        with self.changed:
            enough = self.changed.wait_for(lambda: len(self.at(path)) >= count, seconds)
        found = self.at(path)
        assert enough, f"{len(found)} of {count} deliveries came to {path} in {seconds} s"
        return found

    def keep(self, delivery: Delivery) -> int:
        """Keeps a delivery; tells which one it is on its path."""
        with self.changed:
            self.deliveries.append(delivery)
            self.changed.notify_all()
            return len(self.at(delivery.path))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        delivery = Delivery(self.path, headers, body, self.client_address[1], time.time())
        reply = self.receiver.script(delivery, self.receiver.keep(delivery))
        if reply.after is not None:
            reply.after.wait(120)
        if reply.status is None:
            self.connection.recv(1)  # returns when the sender hangs up
            self.close_connection = True
        else:
            self.answer(reply.status)
        delivery.over = time.time()

    def answer(self, status: int) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
        except OSError:  # the sender is gone
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing: what came is kept."""
