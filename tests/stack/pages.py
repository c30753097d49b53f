"""Pages to capture, served on loopback."""

import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler
from pathlib import Path

from loopback import Server

# One colour fills the window, so that a pixel tells whether a picture is of this page.
COLOUR = (200, 30, 60)
TEXT = "A page for Darkroom"
TALL_PX = 3000

# Noise doesn't compress: 2,600 × 2,600 pixels of it are a PNG of some 20 MB.
NOISE_PX = 2600


def document(style: str = "") -> str:
    """A page in one colour with one line of text."""
    colour = "#{:02x}{:02x}{:02x}".format(*COLOUR)
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{TEXT}</title>
<style>html {{ background: {colour} }} body {{ margin: 0; {style} }} h1 {{ color: #fff; margin: 0; padding: 100px }}</style>
<h1>{TEXT}</h1></html>"""


def noise(canvases: int) -> str:
    """A page with so many pictures that don't compress, of 20 MB each."""
    return f"""<!doctype html><style>body {{ margin: 0 }} canvas {{ display: block; break-after: page }}</style>{
        f'<canvas width="{NOISE_PX}" height="{NOISE_PX}"></canvas>' * canvases
    }<script>
  let seed = 1;
  for (const canvas of document.querySelectorAll("canvas")) {{
    const context = canvas.getContext("2d");
    const image = context.createImageData({NOISE_PX}, {NOISE_PX});
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) {{
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      pixels[i] = seed | 0xff000000;
    }}
    context.putImageData(image, 0, 0);
  }}
</script>"""


class Pages:
    """The pages that tests capture, until it is closed.

    /plain and /tall; /missing is a 404; /slow comes after six seconds; /held/… when `hold` returns;
    /to?ADDRESS leads to another address.
    """

    def __init__(self, hold: Callable[[str, int], None] = lambda _path, _peer: None) -> None:
        class Handler(_Handler):
            pages = self

        self.hold = hold
        self.server = Server(Handler)
        self.url = self.server.url
        self.close = self.server.close

    def answer(self, path: str, peer: int) -> tuple[int, str, str]:
        """Status, Location and body of a path, for whoever asks from this port."""
        route, _, query = path.partition("?")
        match route.split("/")[1]:
            case "tall":
                return 200, "", document(f"height: {TALL_PX}px")
            case "missing":
                return 404, "", document()
            case "slow":
                time.sleep(6)
            case "held":
                self.hold(route, peer)
            case "to":
                return 302, query, ""
        return 200, "", document()


class _Handler(BaseHTTPRequestHandler):
    pages: Pages

    def do_GET(self) -> None:
        status, location, text = self.pages.answer(self.path, self.client_address[1])
        body = text.encode()
        try:
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # the browser is gone
            pass

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Files(Server):
    """Serves the files of a folder."""

    def __init__(self, path: Path) -> None:
        class Handler(SimpleHTTPRequestHandler):
            def __init__(self, *arguments: object) -> None:
                super().__init__(*arguments, directory=str(path))

            def log_message(self, *_: object) -> None:
                """Nothing."""

        super().__init__(Handler)
