"""What pages are cleaned with: lists of filters and the rules for consent banners, as render reads them.

A list is AdGuard's text without what a capture has no use for, in the syntax of the `adblock` crate, one file for each kind of
clutter. All files are packed by Brotli, which render has in any case.
"""

import json
import re
from pathlib import Path

from packages import BuildError, brotli_compress, fetch, member

# The filters themselves: of another kind than the requests and elements that a capture blocks and hides (scripts that are put into
# a page, rewriting of answers, of addresses and of headers).
USELESS = re.compile(r"^(!|\[)|#@?%#|\$@?\$|\+js\(")
REWRITING = re.compile(
    r"[$,](app|content|cookie|csp|extension|hls|jsinject|jsonprune|permissions|removeheader|removeparam|replace|stealth|urltransform|xmlprune)\b[^$]*$"
)
COSMETIC = re.compile(r"#@?[$?]*#")
# AdGuard's marks of rules that style, and of rules in CSS that browsers know by now (`:has()`).
STYLING = re.compile(r"#(@?)\$\??#")
EXTENDED = re.compile(r"#(@?)\?#")
# What no browser's CSS knows: such rules are carried out by nobody here.
PROCEDURAL = re.compile(r":(-abp-|contains|has-text|matches-|min-text-length|nth-ancestor|upward|xpath|if\(|if-not\(|remove\(|properties)")


def make(pins: dict, cache: Path, target: Path) -> None:
    """Writes the lists, the consent rules and their licences into `target`. Raises BuildError if they can't be had."""
    target.mkdir(parents=True)
    lists = pins["lists"]
    archive = fetch(lists, cache)
    for name, numbers in lists["files"].items():
        rules = [rule for number in numbers for rule in _rules(archive, number, lists["without"].get(str(number), []))]
        _write(target / f"{name}.txt.br", "\n".join(rules))
    suffixes = fetch(pins["suffixes"], cache)
    _write(target / "suffixes.txt.br", "\n".join(_strings(member(suffixes, "package/data/rules.js").decode())))
    (target / "LICENSE.suffixes.txt").write_bytes(member(suffixes, "package/LICENSE"))
    (target / "LICENSE.lists.txt").write_bytes(member(archive, "package/LICENSE"))
    consent = pins["consent"]
    archive = fetch(consent, cache)
    _write(target / "consent.js.br", member(archive, "package/dist/autoconsent.playwright.js").decode())
    _write(target / "consent.json.br", member(archive, "package/rules/compact-rules.json").decode())
    (target / "LICENSE.consent.txt").write_bytes(member(archive, "package/LICENSE"))


def usable(lines: list[str]) -> list[str]:
    """The rules that a capture can carry out, in the syntax that it reads."""
    return [rule for line in lines if (rule := _translated(line.strip()))]


def _translated(line: str) -> str | None:
    if not line or USELESS.search(line):
        return None
    if not COSMETIC.search(line) and REWRITING.search(line):
        return None
    if STYLING.search(line) or EXTENDED.search(line):
        if PROCEDURAL.search(line):
            return None
        line = EXTENDED.sub(r"#\1#", STYLING.sub(r"#\1#", line, count=1), count=1)
    return line


def _rules(archive: Path, number: int, without: list[list[str]]) -> list[str]:
    """The rules of one of AdGuard's lists, which the first rule of the set that was made of it for Chromium holds whole."""
    name = f"package/dist/filters/declarative/ruleset_{number}/ruleset_{number}.json"
    lines = json.loads(member(archive, name))[0]["metadata"]["rawFilterList"].splitlines()
    for first, last in without:
        begin, end = _line(lines, first), _line(lines, last)
        if end < begin:
            raise BuildError(f"«{last}» stands before «{first}»: pins.json names sections of another version")
        lines[begin:end] = []
    return usable(lines)


def _line(lines: list[str], start: str) -> int:
    for number, line in enumerate(lines):
        if line.startswith(start):
            return number
    raise BuildError(f"no line of a list begins with «{start}»: pins.json names sections of another version")


def _strings(script: str) -> list[str]:
    """The strings of a script that is an array of them."""
    return json.loads(script[script.index("[") : script.rindex("]") + 1])


def _write(path: Path, text: str) -> None:
    path.write_bytes(brotli_compress(text.encode()))
