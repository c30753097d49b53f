"""Compares snap's pictures with playwright's, pixel by pixel, on one Chromium: `make fidelity`.

Pages: the Rust documentation, Debian's documentation, and pages of our own (tests/bench/pages) on which browsers, or those who
drive them, go wrong. Fails unless 99 % of the static pages are the same to the pixel; lists the others, and writes a sheet with
both pictures and the difference of each into build/fidelity.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from corpus import documentation, pages_below, spread
from pages import Files

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "bench"
BUILD = ROOT / "build" / "fidelity"
SNAP = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release" / "snap"
WIDTH, HEIGHT = 1280, 800
# Before both pictures: many a page has a transition when it is loaded, of which two pictures show two moments.
REST_S = 1
AT_ONCE = 4

RUST_PARTS = ("std", "book", "core", "reference", "alloc", "cargo", "rust-by-example", "rustc", "nomicon", "edition-guide")
RUST_PAGES = 160
DEBIAN_PACKAGES = ("debian-policy", "developers-reference")
DEBIAN_PAGES = 40
# No two pictures of these are the same, whoever takes them.
MOVING = {"animated", "clock"}
LEAST_SAME = 0.99


@dataclass(frozen=True)
class Page:
    """A page to capture twice."""

    name: str
    url: str
    is_static: bool = True

    def picture(self, side: str) -> Path:
        return BUILD / side / (self.name.replace("/", "_") + ".png")


@dataclass(frozen=True)
class Difference:
    """How two pictures of one page differ."""

    page: Page
    reason: str


def main() -> int:
    for side in ("snap", "playwright"):
        shutil.rmtree(BUILD / side, ignore_errors=True)
        (BUILD / side).mkdir(parents=True)
    pages = [*rust_pages(), *debian_pages(), *own_pages()]
    print(f"{len(pages)} pages, each by snap and by playwright", flush=True)
    faults = {**by_snap(pages), **by_playwright(pages)}
    differences = [Difference(page, reason) for page in pages if (reason := faults.get(page.name) or differs(page))]

    static = [page for page in pages if page.is_static]
    odd = [it for it in differences if it.page.is_static]
    same = (len(static) - len(odd)) / len(static)
    print(f"static pages the same to the pixel: {len(static) - len(odd)} of {len(static)}, {same:.1%} (≥ {LEAST_SAME:.0%})")
    for it in differences:
        print(f"  {it.page.name}: {it.reason}{'' if it.page.is_static else ' (it moves)'}")
    make_sheet(differences)
    return 0 if same >= LEAST_SAME and len(pages) >= 200 else 1


def rust_pages() -> list[Page]:
    folder = documentation()
    files = Files(folder)
    parts = [part for part in RUST_PARTS if (folder / part).is_dir()]
    names = [name for part in parts for name in spread(pages_below(folder, part), -(-RUST_PAGES // len(parts)))]
    return [Page(f"rust/{name}", files.url(f"/{name}")) for name in names]


def debian_pages() -> list[Page]:
    """Pages of Debian's manuals, unpacked from their packages without installing them."""
    folder = BUILD / "debian"
    folder.mkdir(parents=True, exist_ok=True)
    for package in DEBIAN_PACKAGES:
        if not (folder / package).is_dir():
            # As root, or apt would need a folder that its own user can write.
            download = ["apt-get", "download", "--quiet=2", "--option", "APT::Sandbox::User=root", package]
            if subprocess.run(download, cwd=folder).returncode:
                print(f"  {package} can't be downloaded (`apt-get update`?); its pages are left out")
                continue
            [archive] = folder.glob(f"{package}_*.deb")
            subprocess.run(["dpkg-deb", "--extract", archive, folder / package], check=True)
    files = Files(folder)
    found = [file.relative_to(folder).as_posix() for file in sorted(folder.glob("*/usr/share/**/*.html")) if not file.is_symlink()]
    return [Page(f"debian/{name.split('/usr/share/')[-1]}", files.url(f"/{name}")) for name in spread(found, DEBIAN_PAGES)]


def own_pages() -> list[Page]:
    folder = HERE / "pages"
    files = Files(folder)
    return [Page(f"own/{file.stem}", files.url(f"/{file.name}"), file.stem not in MOVING) for file in sorted(folder.glob("*.html"))]


def by_snap(pages: list[Page]) -> dict[str, str]:
    """Takes a picture of each page; what went wrong, by the pages' names."""

    def take(page: Page) -> tuple[str, str]:
        options = ("format=png", f"viewport_width={WIDTH}", f"viewport_height={HEIGHT}", f"delay={REST_S}")
        arguments = [argument for option in options for argument in ("--option", option)]
        command = [SNAP, page.url, "-o", page.picture("snap"), "--allow-loopback", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        return page.name, done.stderr if done.returncode else ""

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return {name: fault for name, fault in threads.map(take, pages) if fault}


def by_playwright(pages: list[Page]) -> dict[str, str]:
    """The same by playwright."""
    questions = "".join(json.dumps([page.url, str(page.picture("playwright"))]) + "\n" for page in pages)
    command = ["node", HERE / "fidelity-peer.mjs", str(REST_S * 1000)]
    done = subprocess.run(command, input=questions, stdout=subprocess.PIPE, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {page.name: f"playwright: {fault}" for page, fault in zip(pages, answers, strict=True) if fault}


def differs(page: Page) -> str:
    """How the two pictures differ; nothing if they don't."""
    ours, theirs = (Image.open(page.picture(side)).convert("RGB") for side in ("snap", "playwright"))
    if ours.size != theirs.size:
        return f"{ours.size} against {theirs.size} pixels"
    difference = ImageChops.difference(ours, theirs)
    box = difference.getbbox()
    if not box:
        return ""
    grey = difference.convert("L").point(lambda value: 255 if value else 0)
    count = grey.histogram()[255]
    most = max(extreme[1] for extreme in difference.getextrema())
    return f"{count} pixels within {box}, by up to {most} of 255"


# --- the sheet of differences ---

CELL_W, CELL_H, CAPTION_H, GAP = 420, 262, 18, 6
MOST_ROWS = 60


def make_sheet(differences: list[Difference]) -> None:
    """A row for each page: snap, playwright, the difference."""
    rows = differences[:MOST_ROWS]
    if not rows:
        return
    sheet = Image.new("RGB", (3 * (CELL_W + GAP) + GAP, len(rows) * (CELL_H + CAPTION_H + GAP) + GAP), "#222")
    draw = ImageDraw.Draw(sheet)
    for number, it in enumerate(rows):
        y = GAP + number * (CELL_H + CAPTION_H + GAP)
        draw.text((GAP, y), f"{it.page.name}: {it.reason}"[:180], fill="#ddd")
        for column, picture in enumerate(row(it.page)):
            sheet.paste(picture.resize((CELL_W, CELL_H)), (GAP + column * (CELL_W + GAP), y + CAPTION_H))
    path = BUILD / "differences.png"
    sheet.save(path)
    print(f"sheet of differences: {path.relative_to(ROOT)}")


def row(page: Page) -> Iterator[Image.Image]:
    files = [page.picture(side) for side in ("snap", "playwright")]
    pictures = [Image.open(file).convert("RGB") for file in files if file.exists()]
    yield from pictures
    if len(pictures) == 2 and pictures[0].size == pictures[1].size:
        yield ImageChops.difference(*pictures).point(lambda value: min(255, value * 8))


if __name__ == "__main__":
    sys.exit(main())
