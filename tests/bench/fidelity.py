"""Compares snap's pictures with playwright's, pixel by pixel, on one Chromium: `make fidelity`.

Pages: the Rust documentation, Debian's documentation, and pages of our own (tests/bench/pages) on which browsers, or those who
drive them, go wrong. Fails unless 99 % of the static pages are the same to the pixel and the reason of every other is known; lists
those, and writes a sheet with both pictures and the difference of each into build/fidelity. Where they differ, playwright takes its
picture some times more in one process, with nothing beside it: its pictures of one page aren't always the same, and snap's is right if it is
one of them.

Then takes every page twice in deterministic mode, each time by a process of its own. Fails unless the files are the same.
"""

import filecmp
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
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
AT_ONCE = 2
LATER = tuple(f"playwright-{number}" for number in range(2, 8))

RUST_PARTS = ("std", "book", "core", "reference", "alloc", "cargo", "rust-by-example", "rustc", "nomicon", "edition-guide")
RUST_PAGES = 160
DEBIAN_PACKAGES = ("debian-policy", "developers-reference")
DEBIAN_PAGES = 40
# No two pictures of these are the same, whoever takes them.
MOVING = {
    "own/animated": "every picture shows another moment",
    "own/clock": "every picture tells another time",
    "own/forms": "the caret blinks, and comes back just when the rest is over",
}
# Why the pictures of a static page aren't the same, by patterns of names.
KNOWN = {
    "rust/rust-by-example/*": "its editor (ACE) rounds the width of its gutter, or doesn't, by whether a font comes before its first frame",
    "debian/*/ch-controlfields.html": "snap's Chromium doesn't clip the page to the window (frames.rs), and then rounds colours of letters otherwise",
}
LEAST_SAME = 0.99
# In deterministic mode every second page is taken whole, down to here.
WHOLE = ("full_page=true", "full_page_max_height=20000")


@dataclass(frozen=True)
class Page:
    """A page to capture twice."""

    name: str
    url: str

    @property
    def is_static(self) -> bool:
        return self.name not in MOVING

    def picture(self, side: str) -> Path:
        return BUILD / side / (self.name.replace("/", "_") + ".png")


@dataclass(frozen=True)
class Difference:
    """How two pictures of one page differ."""

    page: Page
    extent: str

    @property
    def reason(self) -> str | None:
        return next((reason for pattern, reason in (KNOWN | MOVING).items() if fnmatch(self.page.name, pattern)), None)


def main() -> int:
    for side in ("snap", "playwright", *LATER, "first", "second"):
        shutil.rmtree(BUILD / side, ignore_errors=True)
        (BUILD / side).mkdir(parents=True)
    pages = [*rust_pages(), *debian_pages(), *own_pages()]
    print(f"{len(pages)} pages, each by snap and by playwright", flush=True)
    is_alike = compare(pages)
    print(f"{len(pages)} pages in deterministic mode, each by two processes of snap", flush=True)
    is_steady = take_twice(pages)
    return 0 if is_alike and is_steady and len(pages) >= 200 else 1


def compare(pages: list[Page]) -> bool:
    """Whether snap's pictures are playwright's, as far as they should be."""
    faults = {**by_snap(pages), **by_playwright(pages)}
    differences = [Difference(page, extent) for page in pages if (extent := faults.get(page.name) or differs(page))]
    by_playwright([it.page for it in differences], LATER, at_once=1)
    chance = [it for it in differences if any(filed(it.page, side) and not differs(it.page, side) for side in LATER)]
    differences = [it for it in differences if it not in chance]
    static = [page for page in pages if page.is_static]
    odd = [it for it in differences if it.page.is_static]
    same = (len(static) - len(odd)) / len(static)
    print(f"static pages the same to the pixel: {len(static) - len(odd)} of {len(static)}, {same:.1%} (≥ {LEAST_SAME:.0%})")
    for it in differences:
        print(f"  {it.page.name}: {it.reason or 'NO REASON IS KNOWN'} ({it.extent})")
    for it in chance:
        print(f"  {it.page.name}: the same as a later picture of playwright's, not as its first ({it.extent})")
    for pattern in KNOWN:
        if not any(fnmatch(it.page.name, pattern) for it in differences):
            print(f"  {pattern}: the pictures are the same this time; perhaps the reason that is known why not is out of date")
    make_sheet(differences)
    return same >= LEAST_SAME and all(it.reason for it in odd)


def take_twice(pages: list[Page]) -> bool:
    """Whether two files of each page have the same bytes in deterministic mode."""

    def take(side: str, number: int, page: Page) -> str:
        options = ("deterministic=true", *(WHOLE if number % 2 else ()))
        return snap(page.url, page.picture(side), options)

    turns = [(side, number, page) for number, page in enumerate(pages) for side in ("first", "second")]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        faults = [fault for fault in threads.map(lambda turn: take(*turn), turns) if fault]
    files = [(page, *(page.picture(side) for side in ("first", "second"))) for page in pages]
    odd = [page.name for page, *both in files if not all(map(Path.exists, both)) or not filecmp.cmp(*both, shallow=False)]
    print(f"pages with the same bytes twice: {len(pages) - len(odd)} of {len(pages)} (all)")
    for line in (*faults, *odd):
        print(f"  {line}")
    return not odd


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
            if not (downloads(package, folder) or (apt("update", folder) and downloads(package, folder))):
                print(f"  {package} can't be downloaded; its pages are left out")
                continue
            [archive] = folder.glob(f"{package}_*.deb")
            subprocess.run(["dpkg-deb", "--extract", archive, folder / package], check=True)
    files = Files(folder)
    found = [file.relative_to(folder).as_posix() for file in sorted(folder.glob("*/usr/share/**/*.html")) if not file.is_symlink()]
    return [Page(f"debian/{name.split('/usr/share/')[-1]}", files.url(f"/{name}")) for name in spread(found, DEBIAN_PAGES)]


def downloads(package: str, folder: Path) -> bool:
    return apt("download", folder, package)


def apt(verb: str, folder: Path, *names: str) -> bool:
    # As root, or apt would need a folder that its own user can write.
    command = ["apt-get", verb, "--quiet=2", "--option", "APT::Sandbox::User=root", *names]
    return subprocess.run(command, cwd=folder).returncode == 0


def own_pages() -> list[Page]:
    folder = HERE / "pages"
    files = Files(folder)
    return [Page(f"own/{file.stem}", files.url(f"/{file.name}")) for file in sorted(folder.glob("*.html"))]


def by_snap(pages: list[Page]) -> dict[str, str]:
    """Takes a picture of each page; what went wrong, by the pages' names."""

    def take(page: Page) -> tuple[str, str]:
        return page.name, snap(page.url, page.picture("snap"), (f"delay={REST_S}",))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return {name: fault for name, fault in threads.map(take, pages) if fault}


def snap(url: str, file: Path, options: tuple[str, ...]) -> str:
    """Takes a picture by a process of its own; what went wrong."""
    usual = ("format=png", f"viewport_width={WIDTH}", f"viewport_height={HEIGHT}")
    arguments = [argument for option in (*usual, *options) for argument in ("--option", option)]
    done = subprocess.run([SNAP, url, "-o", file, "--allow-loopback", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stderr if done.returncode else ""


def by_playwright(pages: list[Page], sides: tuple[str, ...] = ("playwright",), at_once: int = AT_ONCE) -> dict[str, str]:
    """The same by playwright, once for each side."""
    turns = [(page, side) for side in sides for page in pages]
    questions = "".join(json.dumps([page.url, str(page.picture(side))]) + "\n" for page, side in turns)
    command = ["node", HERE / "fidelity-peer.mjs", str(REST_S * 1000), str(at_once)]
    done = subprocess.run(command, input=questions, stdout=subprocess.PIPE, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {page.name: f"playwright: {fault}" for (page, _), fault in zip(turns, answers, strict=True) if fault}


def filed(page: Page, side: str) -> bool:
    return page.picture(side).exists()


def differs(page: Page, other: str = "playwright") -> str:
    """How snap's picture differs from another side's; nothing if it doesn't."""
    ours, theirs = (Image.open(page.picture(side)).convert("RGB") for side in ("snap", other))
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
        draw.text((GAP, y), f"{it.page.name}: {it.extent}"[:180], fill="#ddd")
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
