"""A page to capture and a receiver for webhooks, so that a first try needs nothing beside the stack.

  GET  /         a page
  POST /webhook  checks the signature, writes the body into the state folder's received/, answers 200

docs/receivers has receivers to build on; this one only plays.
"""

import argparse
import base64
import datetime
import hmac
import json
import mimetypes
import os
import shlex
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = Path(__file__).with_name("playground.html")
TOLD = ("x-nodium-", "x-screennabster-")  # beside the body


def signing_key(env_file: Path) -> str:
    """The local account's key, which is made after this program has started."""
    words = dict(word.split("=", 1) for word in shlex.split(env_file.read_text()) if "=" in word)
    return words["DARKROOM_SIGNING_KEY"]


class Playground(BaseHTTPRequestHandler):
    state: Path
    log: Path

    def do_GET(self) -> None:
        page = PAGE.read_bytes() if self.path == "/" else b"There is only one page here: /\n"
        self.answer(200 if self.path == "/" else 404, page, "text/html; charset=utf-8")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.is_genuine(body):
            self.say("WARN", "a webhook with a wrong signature was refused")
            self.answer(401, b"wrong signature\n", "text/plain")
            return
        told = {name: value for name, value in self.headers.items() if name.lower().startswith(TOLD)}
        self.say("INFO", "a webhook arrived, its signature is right", file=str(self.keep(body)), **told)
        self.answer(200, b"OK\n", "text/plain")

    def is_genuine(self, body: bytes) -> bool:
        """Whether a Standard Webhooks signature fits: those stand beside either API's own, and can't be asked away."""
        key = base64.b64decode(signing_key(self.state / "env").removeprefix("whsec_"))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
        expected = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        given = self.headers.get("webhook-signature", "").split(" ")
        return any(hmac.compare_digest(expected, one) for one in given)

    def keep(self, body: bytes) -> Path:
        """Writes the body to received/, named after the job."""
        name = self.headers.get("x-nodium-reference") or json.loads(body)["job_id"]
        media_type = self.headers.get_content_type()
        folder = self.state / "received"
        folder.mkdir(exist_ok=True)
        file = folder / f"{Path(name).name}{mimetypes.guess_extension(media_type) or ''}"
        file.write_bytes(body)
        return file

    def answer(self, status: int, body: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def say(self, level: str, message: str, **fields: str) -> None:
        """A line for the stack's log, as the functions write theirs."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"timestamp": now, "level": level, "message": message, **fields})
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(f"receiver\t{line}\n")

    def log_message(self, *_: object) -> None:
        """Nothing for each request: `say` tells what matters."""


def end_with(parent: int) -> None:
    """Ends this process as soon as that one, which started it, is gone."""
    while os.getppid() == parent:
        time.sleep(0.1)
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    arguments = parser.parse_args()
    Playground.state, Playground.log = arguments.state, arguments.log
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Playground).serve_forever()


if __name__ == "__main__":
    main()
