"""Fetching the pinned packages: one archive per pin, kept in a cache directory, its SHA-256 checked on every use.

A pin is `{"npm": "name@version", "sha256": …}` or `{"pypi": "name==version", "sha256": …}`. Only the registries' own
clients are used, so that mirrors and proxies set up for them hold here too.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path


class BuildError(Exception):
    """What stops a build, told to whoever runs it: what failed, and how to mend it."""


def fetch(pin: dict, cache: Path) -> Path:
    """The pin's archive in `cache`, downloaded if it isn't there. Raises BuildError if it can't be had or has another hash."""
    archive = cache / pin["sha256"]
    if not archive.exists():
        _download(pin, archive)
    _check(pin, archive)
    return archive


def member(archive: Path, name: str) -> bytes:
    """The bytes of one file of an npm tarball or a Python wheel."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(name)
        with tarfile.open(archive) as tarball:
            return tarball.extractfile(name).read()
    except KeyError:
        raise BuildError(f"{archive} has no file {name}: pins.json names files of another version") from None


def brotli_decompress(packed: bytes) -> bytes:
    """Brotli by Node's zlib, as Python's standard library has none. Raises BuildError where Node is missing or refuses the data."""
    script = "process.stdin.pipe(require('zlib').createBrotliDecompress()).pipe(process.stdout)"
    return run([tool("node"), "-e", script], "unpack Brotli data", packed)


def brotli_compress(data: bytes) -> bytes:
    """As small as Brotli gets it, likewise by Node. Raises BuildError where Node is missing."""
    script = """
      const zlib = require('zlib'), { BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
      const data = require('fs').readFileSync(0);
      process.stdout.write(zlib.brotliCompressSync(data, { params: { [BROTLI_PARAM_LGWIN]: 24, [BROTLI_PARAM_SIZE_HINT]: data.length } }));
    """
    return run([tool("node"), "-e", script], "pack data by Brotli", data)


def run(command: list[str], purpose: str, data: bytes = b"") -> bytes:
    """The standard output of a command that must succeed. Raises BuildError with the end of what it said."""
    done = subprocess.run(command, check=False, input=data, capture_output=True)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()[-800:]
        raise BuildError(f"could not {purpose}: `{' '.join(command[:4])}` ended with {done.returncode}\n{said}")
    return done.stdout


def tool(name: str) -> str:
    """The full path of a program that must be installed."""
    path = shutil.which(name)
    if path is None:
        raise BuildError(f"`{name}` is not installed; the layer needs Node 20 or newer, with npm, on the PATH")
    return path


def _download(pin: dict, archive: Path) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    name = pin.get("npm") or pin["pypi"]
    print(f"fetching {name}", flush=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
        if "npm" in pin:
            command = [tool("npm"), "pack", name, "--loglevel=error", "--pack-destination", scratch]
        else:
            command = [sys.executable, "-m", "pip", "download", name, "--no-deps", "--quiet", "--disable-pip-version-check"]
            # Wheels made for any machine: one file, so one hash, whatever the building machine is.
            command += ["--only-binary", ":all:", "--platform", "any", "--dest", scratch]
        run(command, f"download {name} (is the package registry reachable from here?)")
        fetched = list(Path(scratch).iterdir())
        if len(fetched) != 1:
            raise BuildError(f"downloading {name} left {len(fetched)} files where one was expected")
        fetched[0].rename(archive)


def _check(pin: dict, archive: Path) -> None:
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != pin["sha256"]:
        archive.unlink()
        name = pin.get("npm") or pin["pypi"]
        raise BuildError(f"{name}: SHA-256 is {found}, pins.json says {pin['sha256']}; the download was thrown away")
