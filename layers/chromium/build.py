#!/usr/bin/env python3
"""Builds Darkroom's Chromium layer: build/layer/opt, the tree that Lambda mounts at /opt, and build/layer/chromium.zip.

Needs Python 3.11 with pip, and Node 20 with npm. Run it as often as you like: if nothing that it depends on has changed, it
ends at once. README.md beside this file says what is in the layer and how to change it.
"""

import fcntl
import hashlib
import io
import json
import shutil
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import filters
import typefaces
from packages import BuildError, brotli_compress, brotli_decompress, fetch, member

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build"
CACHE = BUILD / "downloads"
OUTPUT = BUILD / "layer"
INPUTS = ("build.py", "packages.py", "typefaces.py", "filters.py", "markdown.js", "pins.json", "fonts.conf")

# Lambda's quota for a function with its layers, unzipped: 250 MiB (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
LAMBDA_LIMIT_BYTES = 262_144_000
# What the layer leaves to the render function.
FUNCTION_BYTES = 18_500_000
# The earliest date that a zip can hold; a constant, so that the same pins give the same zip.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def main() -> int:
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / ".layer.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if sys.argv[1:2] == ["--fits"]:
                check_function(Path(sys.argv[2]))
            else:
                build()
        except BuildError as error:
            print(f"layer: {error}", file=sys.stderr)
            return 1
    return 0


def build() -> None:
    """Makes the layer in a directory of its own and puts it in place by renaming, or does nothing if it is up to date."""
    stamp = _stamp()
    if _is_current(stamp):
        print(f"{OUTPUT / 'chromium.zip'} is up to date")
        return
    pins = json.loads((HERE / "pins.json").read_text())
    with tempfile.TemporaryDirectory(dir=BUILD, prefix=".layer-") as scratch:
        made = Path(scratch) / "layer"
        root = made / "opt"
        unpack_chromium(fetch(pins["chromium"], CACHE), root)
        _place_fonts(pins, root / "fonts")
        print("packing filters", flush=True)
        filters.make(pins, CACHE, root / "filters")
        _place_scripts(pins["markdown"], root / "scripts")
        check_size(root)
        write_zip(root, made / "chromium.zip")
        (made / "stamp").write_text(stamp)
        if OUTPUT.exists():
            OUTPUT.rename(Path(scratch) / "old")
        made.rename(OUTPUT)
    print(f"made {OUTPUT / 'chromium.zip'}, {(OUTPUT / 'chromium.zip').stat().st_size:,} bytes")


def unpack_chromium(archive: Path, root: Path) -> None:
    """The browser with its GL libraries in chromium/, and NSS and expat in lib/, where Lambda's LD_LIBRARY_PATH looks."""
    print("unpacking Chromium", flush=True)
    browser = root / "chromium"
    browser.mkdir(parents=True)
    (root / "lib").mkdir()
    _write_program(browser / "chromium", brotli_decompress(member(archive, "package/bin/chromium.br")))
    (browser / "LICENSE.packaging.txt").write_bytes(member(archive, "package/LICENSE"))
    for packed, target in (("swiftshader.tar.br", browser), ("al2023.tar.br", root / "lib")):
        tar = io.BytesIO(brotli_decompress(member(archive, f"package/bin/{packed}")))
        with tarfile.open(fileobj=tar) as files:
            for entry in files:
                if entry.isfile():
                    _write_program(target / Path(entry.name).name, files.extractfile(entry).read())


def check_size(root: Path) -> None:
    """Prints what the layer weighs, and raises BuildError if a function of FUNCTION_BYTES would not fit beside it."""
    parts = {part.name: _weight(part) for part in sorted(root.iterdir())}
    total = sum(parts.values()) + FUNCTION_BYTES
    rows = [*parts.items(), ("the function, at most", FUNCTION_BYTES), ("sum", total), ("Lambda's limit", LAMBDA_LIMIT_BYTES)]
    for name, size in rows:
        print(f"  {name:<22}{size:>12,} bytes")
    if total >= LAMBDA_LIMIT_BYTES:
        raise BuildError(f"{total - LAMBDA_LIMIT_BYTES:,} bytes too many for Lambda: take a font out of pins.json")


def check_function(program: Path) -> None:
    """Raises BuildError if render's program outgrows what the layer leaves to it."""
    size = program.stat().st_size
    if size > FUNCTION_BYTES:
        raise BuildError(f"{program} has {size:,} bytes, {FUNCTION_BYTES:,} are left beside the layer: Lambda wouldn't take both")


def write_zip(root: Path, path: Path) -> None:
    """The tree as a layer's zip: sorted, undated, with Unix modes, without which Lambda can't execute the browser."""
    print("zipping", flush=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(file for file in root.rglob("*") if file.is_file()):
            info = zipfile.ZipInfo(str(file.relative_to(root)), ZIP_DATE)
            info.external_attr = file.stat().st_mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.read_bytes())


def _stamp() -> str:
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()


def _is_current(stamp: str) -> bool:
    kept = OUTPUT / "stamp"
    return kept.exists() and kept.read_text() == stamp and (OUTPUT / "chromium.zip").exists() and (OUTPUT / "opt").exists()


def _place_fonts(pins: dict, target: Path) -> None:
    """The fonts take a minute to make and seldom change, so they are kept between builds."""
    recipe = json.dumps([pins["fonts"], pins["fonttools"]]) + (HERE / "typefaces.py").read_text()
    kept = CACHE / f"fonts-{hashlib.sha256(recipe.encode()).hexdigest()}"
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            made = Path(scratch) / "fonts"
            typefaces.make(pins, CACHE, made)
            made.rename(kept)
    shutil.copytree(kept, target)
    shutil.copy(HERE / "fonts.conf", target)


def _place_scripts(pins: list[dict], target: Path) -> None:
    """Turndown, which writes pages as Markdown, with its plugin and what sets both up, as one script."""
    target.mkdir()
    archives = [fetch(pin, CACHE) for pin in pins]
    turndown, plugin = (member(archive, pin["file"]).decode() for archive, pin in zip(archives, pins, strict=True))
    gfm = f"const {{ gfm }} = ((exports) => {{\n{plugin}\nreturn exports;\n}})({{}});"
    script = "\n".join([turndown, gfm, (HERE / "markdown.js").read_text()])
    (target / "markdown.js.br").write_bytes(brotli_compress(script.encode()))
    licences = [member(archive, "package/LICENSE") for archive in archives]
    (target / "LICENSE.markdown.txt").write_bytes(b"\n\n".join(licences))


def _write_program(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(0o755)


def _weight(directory: Path) -> int:
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())


if __name__ == "__main__":
    sys.exit(main())
