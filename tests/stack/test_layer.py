"""The Chromium layer as Lambda gets it: its zip unpacked, its browser run with nothing but its own files and a bare glibc."""

import base64
import io
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops

REPOSITORY = Path(__file__).resolve().parents[2]
LAMBDA_LIMIT_BYTES = 262_144_000
FUNCTION_BYTES = 18_500_000
ANSWER_SECONDS = 30

# What provided.al2023 brings: glibc 2.34 and libgcc. The last one is wanted only by NSS's certificate database, which
# Chromium never opens; AL2023 has it, a bare machine need not.
BASE_LIBRARIES = {
    "ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libgcc_s.so.1",
    "linux-vdso.so.1", "libsqlite3.so.0",
}  # fmt: skip

FLAGS = """
    --headless --no-sandbox --no-zygote --disable-gpu --enable-unsafe-swiftshader --in-process-gpu
    --enable-features=NetworkServiceInProcess2 --disable-dev-shm-usage --hide-scrollbars --mute-audio --no-first-run
    --no-default-browser-check --disable-background-networking --disable-component-update --disable-sync
    --disable-domain-reliability --no-pings --font-render-hinting=none --force-color-profile=srgb --disable-quic
    --remote-debugging-pipe
""".split()

# Text that a font of the layer must have, and two characters that no font has.
DRAWN = {
    "Latin": "Å", "Greek": "Ω", "Cyrillic": "Ж", "Hebrew": "ש", "Arabic": "ب", "Devanagari": "क", "Bengali": "ক",
    "Tamil": "க", "Telugu": "క", "Thai": "ก", "simplified Chinese": "简", "traditional Chinese": "繁", "Cantonese": "㗎",
    "Kana": "か", "Kanji": "働", "Kanji beyond the basic plane": "𠮷", "Hangul": "한", "emoji": "😀", "joined emoji": "👩‍💻",
    "flag": "🇯🇵", "arrow": "→", "star": "★",
}  # fmt: skip
MISSING = ("\U0010fffd", "\U000ffffd")
CELL = 48


class Browser:
    """The layer's Chromium under an empty environment plus the variables of layers/chromium/README.md, spoken to by pipe."""

    def __init__(self, root: Path, home: Path):
        its_input, self._input = os.pipe()
        self._output, its_output = os.pipe()
        environment = {
            "HOME": str(home),
            "TMPDIR": str(home),
            "LD_LIBRARY_PATH": f"{root}/lib",
            "FONTCONFIG_FILE": f"{root}/fonts/fonts.conf",
        }
        # Chromium reads commands from descriptor 3 and answers on 4; the shell puts the pipes there.
        shell = f'exec "$0" "$@" 3<&{its_input} 4>&{its_output}'
        command = [f"{root}/chromium/chromium", *FLAGS, f"--user-data-dir={home}/profile"]
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", shell, *command],
            env=environment,
            pass_fds=(its_input, its_output),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(its_input)
        os.close(its_output)
        self._unread = b""
        self._calls = 0

    def picture(self, html: str, width: int, height: int) -> Image.Image:
        """A PNG of a page, decoded."""
        session = self._page(html, width, height)
        png = base64.b64decode(self._call("Page.captureScreenshot", {"format": "png"}, session)["data"])
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        return Image.open(io.BytesIO(png)).convert("RGB")

    def evaluate(self, script: str):
        session = self._page("<p>here</p>", 100, 100)
        return self._call("Runtime.evaluate", {"expression": script, "returnByValue": True}, session)["result"]["value"]

    def close(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._input)
        os.close(self._output)

    def _page(self, html: str, width: int, height: int) -> str:
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self._call("Page.enable", {}, session)
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", size, session)
        document = base64.b64encode(f"<!doctype html><meta charset=utf-8>{html}".encode()).decode()
        self._call("Page.navigate", {"url": f"data:text/html;base64,{document}"}, session)
        while self._message().get("method") != "Page.loadEventFired":
            pass
        return session

    def _call(self, method: str, params: dict, session: str | None = None) -> dict:
        self._calls += 1
        request = {"id": self._calls, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._input, json.dumps(request).encode() + b"\0")
        while (answer := self._message()).get("id") != self._calls:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def _message(self) -> dict:
        deadline = time.monotonic() + ANSWER_SECONDS
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._output], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"Chromium said nothing for {ANSWER_SECONDS} s"
            part = os.read(self._output, 1 << 20)
            assert part, f"Chromium ended with {self._process.wait()}"
            self._unread += part
        message, self._unread = self._unread.split(b"\0", 1)
        return json.loads(message)


@pytest.fixture(scope="module")
def layer() -> zipfile.ZipFile:
    build = [sys.executable, str(REPOSITORY / "layers" / "chromium" / "build.py")]
    subprocess.run(build, check=True)
    return zipfile.ZipFile(REPOSITORY / "build" / "layer" / "chromium.zip")


@pytest.fixture(scope="module")
def root(layer, tmp_path_factory) -> Path:
    """The zip unpacked as Lambda does it: files with their modes."""
    root = tmp_path_factory.mktemp("opt")
    for entry in layer.infolist():
        Path(layer.extract(entry, root)).chmod(entry.external_attr >> 16 & 0o777)
    return root


@pytest.fixture(scope="module")
def browser(root, tmp_path_factory) -> Iterator[Browser]:
    browser = Browser(root, tmp_path_factory.mktemp("home"))
    yield browser
    browser.close()


def programs(root: Path) -> list[Path]:
    return [file for file in sorted(root.rglob("*")) if file.is_file() and file.read_bytes()[:4] == b"\x7fELF"]


def test_layer_and_function_fit_into_lambda(layer):
    unzipped = sum(entry.file_size for entry in layer.infolist())
    assert unzipped + FUNCTION_BYTES < LAMBDA_LIMIT_BYTES


def test_everything_is_readable_and_the_browser_executable(layer):
    modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in layer.infolist()}
    assert modes["chromium/chromium"] == 0o755
    assert all(mode & 0o444 == 0o444 for mode in modes.values()), modes


def test_no_program_needs_a_library_that_lambda_lacks(root):
    found = programs(root)
    assert root / "chromium" / "chromium" in found
    for program in found:
        environment = {"LD_LIBRARY_PATH": f"{root}/lib"}
        listed = subprocess.run(["/usr/bin/ldd", program], env=environment, capture_output=True, text=True, check=True)
        for line in listed.stdout.splitlines():
            name = Path(line.split()[0]).name
            assert name in BASE_LIBRARIES or f"=> {root}/lib/{name}" in line, f"{program.name}: {line.strip()}"


def test_no_program_needs_a_newer_glibc_than_al2023_has(root):
    for program in programs(root):
        minors = [int(minor) for minor in re.findall(rb"\0GLIBC_2\.(\d+)", program.read_bytes())]
        assert max(minors, default=0) <= 34, program.name


def test_browser_starts_on_its_own_libraries_and_takes_a_picture(browser):
    html = "<body style='margin:0;background:#fff'><div style='width:320px;height:120px;background:#c2185b'></div><h1>Darkroom</h1>"
    picture = browser.picture(html, 640, 240)
    assert picture.size == (640, 240)
    assert picture.getpixel((160, 60)) == (0xC2, 0x18, 0x5B)
    assert picture.getpixel((600, 60)) == (255, 255, 255)
    assert picture.crop((0, 130, 320, 200)).convert("L").getextrema()[0] < 60, "the heading has dark pixels"


def test_webgl_is_there_for_pages_that_ask(browser):
    assert browser.evaluate("document.createElement('canvas').getContext('webgl') !== null") is True


def test_every_script_is_drawn_and_not_boxes(browser):
    cells = [*DRAWN.values(), *MISSING]
    drawn = dict(zip(cells, glyphs(browser, [(text, "") for text in cells]), strict=True))
    box = drawn[MISSING[0]]
    assert same(box, drawn[MISSING[1]]), "a missing character is always the same box"
    blank = Image.new("RGB", (CELL, CELL), "white")
    wrong = [name for name, text in DRAWN.items() if same(drawn[text], box) or same(drawn[text], blank)]
    assert wrong == []
    for text in ("😀", "👩‍💻", "🇯🇵"):
        assert drawn[text].convert("HSV").getchannel("S").getextrema()[1] > 128, f"{text} has colours"


def test_han_characters_take_the_form_of_the_pages_language(browser):
    chinese, taiwanese, japanese = glyphs(browser, [("骨", "zh-CN"), ("骨", "zh-TW"), ("骨", "ja")])
    assert not same(chinese, taiwanese)
    assert not same(chinese, japanese)


@pytest.mark.parametrize(
    ("asked", "given"),
    [("Arial", "Arimo"), ("Helvetica", "Arimo"), ("Times New Roman", "Tinos"), ("Courier New", "Cousine"),
     ("serif", "Tinos"), ("sans-serif", "Arimo"), ("monospace", "Cousine"), ("system-ui", "Arimo")],
)  # fmt: skip
def test_common_families_have_a_font_of_the_same_widths(browser, asked, given):
    line = "<body style='margin:0'><p style='font:24px {}'>Hamburgefonstiv 0123</p>"
    assert same(browser.picture(line.format(asked), 400, 60), browser.picture(line.format(given), 400, 60))


def glyphs(browser: Browser, cells: list[tuple[str, str]]) -> list[Image.Image]:
    """The picture of each (text, language), drawn in a cell of its own."""
    style = f"height:{CELL}px;width:{CELL}px;overflow:hidden;font:32px/{CELL}px sans-serif"
    html = "".join(f"<div lang='{language}' style='{style}'>{text}</div>" for text, language in cells)
    picture = browser.picture(f"<body style='margin:0;background:#fff'>{html}", CELL, CELL * len(cells))
    return [picture.crop((0, CELL * row, CELL, CELL * (row + 1))) for row in range(len(cells))]


def same(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one, other).getbbox() is None
