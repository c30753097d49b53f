"""Captures pages of the Rust toolchain's documentation in a burst: `make corpus`.

Prints how many completed, and how long accepting, rendering and delivering took; writes a contact sheet. Fails unless all
completed and all of their webhooks came.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from typing import Any

import requests
from PIL import Image, ImageDraw

from client import Client, Submitted
from pages import Files
from pictures import MEDIA_TYPES, opened
from receiver import Delivery, Receiver

ROOT = Path(__file__).resolve().parents[2]
SHEET = ROOT / "build" / "corpus" / "contact-sheet.png"
CAPTURES = 64
AT_ONCE = 16
PATIENCE_S = 300
KINDS = (
    # format, full page
    ("png", False),
    ("jpeg", False),
    ("webp", False),
    ("png", True),
    ("pdf", False),
)
# Books and crates, in turn: prose, tables, code, long lists of items. Nine, so that each meets every kind and dialect.
PARTS = ("std", "book", "core", "reference", "alloc", "cargo", "rust-by-example", "rustc", "nomicon")
# A page of more HTML may be taller than the largest picture that is drawn.
LARGEST_PAGE_BYTES = 400_000


@dataclass(frozen=True)
class Shot:
    """One page to capture, and how."""

    page: str
    dialect: str
    kind: str
    full_page: bool

    @property
    def options(self) -> dict[str, Any]:
        """In the dialect's own words."""
        name = "format" if self.dialect == "nodium" else "output"
        return {name: self.kind, "full_page": self.full_page}

    @property
    def caption(self) -> str:
        return f"{'N' if self.dialect == 'nodium' else 'S'} {self.kind}{' full' if self.full_page else ''}  {self.page}"


@dataclass(frozen=True)
class Result:
    """What became of a shot."""

    shot: Shot
    accept_s: float
    job: dict[str, Any]
    delivery: Delivery

    @property
    def delivery_s(self) -> float:
        """From the recorded outcome to the webhook's arrival."""
        return self.delivery.arrived - datetime.fromisoformat(self.job["ended_at"]).timestamp()


def main() -> int:
    folder = documentation()
    files, receiver = Files(folder), Receiver()
    client = Client(os.environ["DARKROOM_URL"], os.environ["DARKROOM_ACCESS_KEY"])
    shots = plan(folder)
    print(f"{len(shots)} captures of {folder}, {AT_ONCE} sent at once", flush=True)

    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        jobs = list(threads.map(lambda pair: submit(client, files, receiver, *pair), enumerate(shots)))
        sent_s = time.monotonic() - began
        results = list(threads.map(lambda pair: result(client, receiver, *pair), enumerate(zip(shots, jobs, strict=True))))
    print(f"sent in {sent_s:.1f} s, over in {time.monotonic() - began:.1f} s\n")

    failed = [it for it in results if it.job["state"] != "completed"]
    report(results)
    for it in failed:
        print(f"failed: {it.shot.caption}: {it.job['failure']}")
    make_sheet(results)
    print(f"\ncontact sheet: {SHEET.relative_to(ROOT)}")
    return 1 if failed else 0


def documentation() -> Path:
    """The toolchain's own HTML documentation."""
    rustc = subprocess.run(["rustc", "--print", "sysroot"], cwd=ROOT, capture_output=True, text=True, check=True)
    folder = Path(rustc.stdout.strip()) / "share" / "doc" / "rust" / "html"
    if not (folder / "index.html").is_file():
        raise SystemExit(f"{folder} is not there: `rustup component add rust-docs` installs it")
    return folder


def plan(folder: Path) -> list[Shot]:
    """The same shots on every run: pages of each part in turn, in every kind and both dialects."""
    parts = [spread(pages_below(folder, part), -(-CAPTURES // len(PARTS))) for part in PARTS if (folder / part).is_dir()]
    pages = islice((page for round_ in zip(*parts, strict=False) for page in round_), CAPTURES)
    return [
        Shot(page, dialect, kind, full_page)
        for page, dialect, (kind, full_page) in zip(pages, cycle(("nodium", "screennabster")), cycle(KINDS), strict=False)
    ]


def pages_below(folder: Path, part: str) -> list[str]:
    """The pages of one book or crate, less stubs that only redirect and pages too tall for a picture."""
    files = (file for file in sorted((folder / part).rglob("*.html")) if 4_000 < file.stat().st_size < LARGEST_PAGE_BYTES)
    return [file.relative_to(folder).as_posix() for file in files]


def spread(pages: list[str], count: int) -> list[str]:
    """So many of them, at even distances."""
    step = max(1, len(pages) // count)
    return pages[::step][:count]


def submit(client: Client, files: Files, receiver: Receiver, number: int, shot: Shot) -> Submitted:
    hook = "webhook_url" if shot.dialect == "nodium" else "callback_url"
    options = {hook: receiver.url(f"/{number}"), "webhook_errors": True, **shot.options}
    return client.submit(shot.dialect, url=files.url(f"/{shot.page}"), **options)


def result(client: Client, receiver: Receiver, number: int, pair: tuple[Shot, Submitted]) -> Result:
    shot, submitted = pair
    delivery = receiver.wait(f"/{number}", seconds=PATIENCE_S)[0]
    return Result(shot, submitted.accept_s, client.job(submitted.name), delivery)


def report(results: list[Result]) -> None:
    completed = [it for it in results if it.job["state"] == "completed"]
    print(f"completed {len(completed)} of {len(results)}, webhooks {len(results)}")
    rows = {
        "accept (request to answer)": [it.accept_s for it in results],
        "render (claim to outcome)": [it.job["rendering_ms"] / 1000 for it in completed],
        "delivery (outcome to POST)": [it.delivery_s for it in results],
    }
    for kind, full_page in KINDS:
        of_kind = (it for it in completed if (it.shot.kind, it.shot.full_page) == (kind, full_page))
        rows[f"  render, {kind}{' full page' if full_page else ''}"] = [it.job["rendering_ms"] / 1000 for it in of_kind]
    print(f"\n{'':28}{'p50':>10}{'p95':>10}{'max':>10}")
    for name, seconds in rows.items():
        print(f"{name:28}" + "".join(f"{value * 1000:7.0f} ms" for value in (*percentiles(seconds), max(seconds))))


def percentiles(values: Iterable[float]) -> tuple[float, float]:
    """The 50th and the 95th."""
    cuts = quantiles(values, n=100, method="inclusive")
    return cuts[49], cuts[94]


# --- the contact sheet ---

COLUMNS, CELL_W, CELL_H, CAPTION_H, GAP = 8, 240, 180, 16, 8


def make_sheet(results: list[Result]) -> None:
    """One cell for each capture; of a tall picture its upper part, of a PDF its first page (drawn by PDFium)."""
    rows = -(-len(results) // COLUMNS)
    size = (COLUMNS * (CELL_W + GAP) + GAP, rows * (CELL_H + CAPTION_H + GAP) + GAP)
    sheet = Image.new("RGB", size, "#222")
    draw = ImageDraw.Draw(sheet)
    for number, it in enumerate(results):
        row, column = divmod(number, COLUMNS)
        x, y = GAP + column * (CELL_W + GAP), GAP + row * (CELL_H + CAPTION_H + GAP)
        if it.job["state"] == "completed":
            sheet.paste(thumbnail(picture(it)), (x, y))
        draw.text((x, y + CELL_H + 2), it.shot.caption[:40], fill="#ddd")
    SHEET.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(SHEET)


def picture(it: Result) -> Image.Image:
    """What the client got: Nodium's webhook is the file itself, ScreenNabster's leads to it."""
    if it.shot.dialect == "nodium":
        body = it.delivery.body
    else:
        with requests.Session() as session:
            session.trust_env = False
            body = session.get(it.delivery.json()["result_url"], timeout=30).content
    return opened(body, MEDIA_TYPES[it.shot.kind])


def thumbnail(picture: Image.Image) -> Image.Image:
    """Scaled to the cell's width, cut at its height."""
    scaled = picture.resize((CELL_W, max(1, round(picture.height * CELL_W / picture.width))))
    return scaled.crop((0, 0, CELL_W, min(CELL_H, scaled.height)))


if __name__ == "__main__":
    sys.exit(main())
