"""Turns the functions' JSON log lines into lines for people."""

import json
import re

from processes import logical_name

COLOURS = {"ERROR": "\033[31m", "WARN": "\033[33m", "DEBUG": "\033[2m", "TRACE": "\033[2m"}
LEVELS = {"ERROR", "WARN", "INFO", "DEBUG", "TRACE"}
INVOCATION = re.compile(r"Lambda runtime invoke\{[^}]*\}: ")
# Said by the line itself, or the same on every line.
HIDDEN = {"timestamp", "level", "message", "target", "filename", "line_number", "threadId", "name", "requestId", "xrayTraceId"}


def readable(line: str, colour: bool) -> str:
    """One line of functions.log: the function's physical name, a tab, what it printed."""
    function, _, text = line.rstrip("\n").partition("\t")
    name = logical_name(function)
    try:
        record = json.loads(text)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        # tracing's own form: a level, the span of the invocation, which says nothing here, the message.
        level, _, message = INVOCATION.sub("", text).strip().partition(" ")
        if level not in LEVELS:
            level, message = "", text
        return _paint(f"{'':12}  {name:8}  {level:5}  {message}", level, colour)
    fields = _fields(record)
    level = str(record.get("level", ""))
    time = str(record.get("timestamp", ""))[11:23]
    details = " ".join(f"{key}={value}" for key, value in fields.items() if key not in HIDDEN)
    shown = f"{time:12}  {name:8}  {level:5}  {fields.get('message', '')}  {details}".rstrip()
    return _paint(shown, level, colour)


def _paint(shown: str, level: str, colour: bool) -> str:
    paint = COLOURS.get(level) if colour else None
    return f"{paint}{shown}\033[0m" if paint else shown


def _fields(record: dict) -> dict:
    """tracing nests an event's fields and its spans' unless told to flatten them; both are shown flat."""
    spans = record.pop("spans", None) or [record.pop("span", None) or {}]
    record.pop("span", None)
    event = record.pop("fields", {})
    return {**{key: value for span in spans for key, value in span.items()}, **record, **event}
