"""The layer's fonts, made from the pinned packages: unhinted, and cut down to the characters that pins.json keeps.

A face with `drop_tables` only loses those tables: the emoji font carries every picture twice, and Chromium reads COLR.

Chromium runs with --font-render-hinting=none, so hints are dead weight: a third of the CJK font. fontTools does the work;
it is a pinned package as well, unpacked beside the other downloads, never installed.
"""

import io
import sys
import types
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from packages import brotli_decompress, fetch, member


def make(pins: dict, cache: Path, target: Path) -> None:
    """Writes every face that the pins name, and each package's licence, into `target`. Raises BuildError."""
    tools = _unpacked(fetch(pins["fonttools"], cache), cache / "fonttools")
    (target / "licences").mkdir(parents=True)
    jobs = []
    for package in pins["fonts"]:
        archive = fetch(package, cache)
        name = (package.get("npm") or package["pypi"]).strip("@").replace("/", "-")
        (target / "licences" / f"{name}.txt").write_bytes(member(archive, package["licence"]))
        jobs += [(face, archive, tools, target) for face in package["faces"]]
    print(f"making {len(jobs)} fonts (about a minute)", flush=True)
    # The CJK font takes as long as all others together, so it goes first.
    jobs.sort(key=lambda job: "keep_encodings" not in job[0])
    with ProcessPoolExecutor(max_workers=2) as pool:
        list(pool.map(_make_face, jobs))


def _unpacked(wheel: Path, parent: Path) -> Path:
    home = parent / wheel.name
    if not home.exists():
        partial = home.with_suffix(".partial")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(partial)
        partial.rename(home)
    return home


def _make_face(job: tuple[dict, Path, Path, Path]) -> None:
    face, archive, tools, target = job
    sys.path.insert(0, str(tools))
    # fontTools wants a module named brotli to read WOFF2; Node has the same function.
    shim = types.ModuleType("brotli")
    shim.decompress = brotli_decompress
    sys.modules["brotli"] = shim
    from fontTools import subset
    from fontTools.ttLib import TTFont

    source = io.BytesIO(member(archive, face["file"]))
    # Dates inside the file stay the font maker's, so that the same pins give the same bytes.
    font = TTFont(source, fontNumber=face.get("index", -1), recalcTimestamp=False)
    font.flavor = None
    if "drop_tables" in face:
        for table in face["drop_tables"]:
            del font[table]
    else:
        options = subset.Options(hinting=False, glyph_names=False, notdef_outline=True, name_IDs=["*"], drop_tables=["FFTM"])
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=_kept(font.getBestCmap(), face))
        cutter.subset(font)
    suffix = ".otf" if font.sfntVersion == "OTTO" else ".ttf"
    stem = Path(face["file"]).stem.replace("[wght]", "")
    font.save(target / f"{stem}{suffix}")


def _kept(characters: dict, face: dict) -> list[int]:
    """All characters, or those that at least one of the national standards can write and those named one by one."""
    encodings = face.get("keep_encodings")
    if encodings is None:
        return list(characters)
    kept = [point for point in characters if any(_writable(point, encoding) for encoding in encodings)]
    return kept + [ord(character) for character in face.get("keep_characters", "")]


def _writable(point: int, encoding: str) -> bool:
    try:
        chr(point).encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
