"""Captures whole pages of up to 100,000 px with snap's defaults and reads every row of the pictures: `make tall`.

A page has bands of 50 px, across each of which stands its number, in 16 cells that are black for the bits that it has. Tells the
seconds and the most memory that snap and its browser took together. Fails if a row isn't where it belongs, or if the tallest
picture took much more memory than the one of 40,000 px.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from PIL import Image

from fidelity import ROOT, SNAP
from pages import Files

BUILD = ROOT / "build" / "tall"
WIDTH, BAND_PX, CELLS = 1280, 50, 16
# Height, scale.
CASES = ((5_000, 1), (16_500, 1), (16_500, 2), (40_000, 1), (100_000, 1))
# The file of a taller picture is larger, and so is what Chromium knows of a taller page.
MOST_MORE = 1.25
LOOK_EVERY_S = 0.02
MIB = 1024 * 1024
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

Image.MAX_IMAGE_PIXELS = None


def main() -> int:
    BUILD.mkdir(parents=True, exist_ok=True)
    files = Files(BUILD)
    peaks, wrong = {}, 0
    print(f"{'height':>8} {'scale':>6} {'seconds':>8} {'most MiB':>9} {'snap':>6}   rows that are where they belong")
    for height, scale in CASES:
        (BUILD / "page.html").write_text(page(height))
        picture = BUILD / f"{height}-at-{scale}.png"
        seconds, peak, own = take(files.url("/page.html"), picture, scale)
        right, rows = read(picture), height * scale
        peaks[height, scale] = peak
        wrong += right != rows
        print(f"{height:8} {scale:6} {seconds:8.1f} {peak:9.0f} {own:6.0f}   {right} of {rows}", flush=True)
    files.close()
    more = peaks[100_000, 1] / peaks[40_000, 1]
    print(f"memory of 100,000 px against 40,000 px: {more:.2f} times (at most {MOST_MORE})")
    return 1 if wrong or more > MOST_MORE else 0


def page(height: int) -> str:
    bands = (
        "<i>" + "".join(f"<b style=left:{bit * 100 / CELLS}%></b>" for bit in range(CELLS) if number >> bit & 1) + "</i>"
        for number in range(height // BAND_PX)
    )
    style = f"body{{margin:0}}i{{display:block;height:{BAND_PX}px;position:relative}}b{{position:absolute;width:{100 / CELLS}%;height:100%;background:#000}}"
    return f"<!doctype html><meta charset=utf-8><title>Bands</title><style>{style}</style>{''.join(bands)}"


def take(url: str, picture: Path, scale: int) -> tuple[float, float, float]:
    """The seconds from the start of snap to its end; the most MiB that all processes took together, and that snap did."""
    command = [SNAP, url, "-o", picture, "--allow-loopback", "--option", "full_page=true", "--option", f"viewport_width={WIDTH}"]
    began = time.monotonic()
    snap = subprocess.Popen([*command, "--option", f"device_scale_factor={scale}"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    seen = [(0.0, 0.0)]
    looking = threading.Thread(target=look, args=(snap, seen))
    looking.start()
    _, told = snap.communicate()
    looking.join()
    if snap.returncode:
        raise SystemExit(told)
    return time.monotonic() - began, max(all_ for all_, _ in seen), max(own for _, own in seen)


def look(snap: subprocess.Popen[str], seen: list[tuple[float, float]]) -> None:
    while snap.poll() is None:
        memory = [memory_of(process) for process in tree(snap.pid)]
        # What is shared counts once, for most of that is the program.
        shared = max(it for _, it in memory)
        seen.append(((sum(own for own, _ in memory) + shared) / MIB, sum(memory[0]) / MIB))
        time.sleep(LOOK_EVERY_S)


def tree(process: int) -> list[int]:
    """A process with all of its descendants."""
    try:
        children = [int(child) for task in Path(f"/proc/{process}/task").iterdir() for child in (task / "children").read_text().split()]
    except OSError:  # it has ended
        children = []
    return [process, *(it for child in children for it in tree(child))]


def memory_of(process: int) -> tuple[int, int]:
    """Bytes that a process has for itself, and that it shares."""
    try:
        _, resident, shared, *_ = (int(pages) * PAGE_BYTES for pages in Path(f"/proc/{process}/statm").read_text().split())
        return resident - shared, shared
    except OSError:  # it has ended
        return 0, 0


def read(picture: Path) -> int:
    """How many rows are of the band that they should be of, by the middle and both edges of each cell."""
    with Image.open(picture) as file:
        image = file.convert("L")
    scale = image.width // WIDTH
    cell = image.width // CELLS
    columns = [[image.crop((x, 0, x + 1, image.height)).tobytes() for x in edges(bit * cell, cell)] for bit in range(CELLS)]
    right = 0
    for row in range(image.height):
        number = row // (BAND_PX * scale)
        right += all(column[row] == (0 if number >> bit & 1 else 255) for bit in range(CELLS) for column in columns[bit])
    return right


def edges(left: int, width: int) -> tuple[int, int, int]:
    return left, left + width // 2, left + width - 1


if __name__ == "__main__":
    sys.exit(main())
