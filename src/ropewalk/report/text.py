"""Pieces of text that every page of the console report is made of. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ropewalk.model.command import Change
from ropewalk.model.event import FactRead, FactValue

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Return text that cannot move the cursor or recolour the terminal, whatever a host or a file name says.

    >>> clean("\\x1b[31mred\\x1b[0m\\a")
    'red?'
    """
    text = _ESCAPES.sub("", text.replace("\r\n", "\n"))
    return _CONTROLS.sub("?", text).encode("utf-8", "replace").decode()


def plural(count: int, noun: str) -> str:
    """Return a count and its noun: ``1 host``, ``3 hosts``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def duration(seconds: float) -> str:
    """Return seconds as people read them: ``0.2s``, ``12.3s``, ``2m05s``, ``1h02m``."""
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02d}s"
    return f"{minutes // 60}h{minutes % 60:02d}m"


def size(count: int) -> str:
    """Return a number of bytes: ``512 B``, ``1.5 kB``, ``20.0 MB``."""
    if count < 1000:
        return f"{count} B"
    amount, units = count / 1000, ["kB", "MB", "GB"]
    while amount >= 999.95 and len(units) > 1:
        amount /= 1000
        units.pop(0)
    return f"{amount:.1f} {units[0]}"


def some(names: Sequence[str], *, total: int, width: int = 44) -> str:
    """Name hosts in at most about ``width`` columns: all of them, the first ones, or just how many.

    >>> some(["web1", "web2"], total=5)
    'web1, web2'
    >>> some(["web1", "web2", "web3"], total=3, width=10)
    'all 3 hosts'
    >>> some(["web1", "web2", "web3"], total=4, width=10)
    '3 hosts: web1 ...'
    """
    joined = ", ".join(clean(name) for name in names)
    if len(joined) <= width or len(names) == 1:
        return joined
    if len(names) == total:
        return f"all {total} hosts"
    shown: list[str] = []
    room = width - len(f"{len(names)} hosts:  ...")
    for name in names:
        room -= len(name) + 2
        if room < 0 and shown:
            break
        shown.append(clean(name))
    return f"{len(names)} hosts: {', '.join(shown)} ..."


def tail(text: str, lines: int) -> list[str]:
    """Return the last lines of some output, the first of them saying how many were left out."""
    every = clean(text).rstrip("\n").split("\n") if text.strip() else []
    if len(every) <= lines:
        return every
    return [f"... {plural(len(every) - lines, 'line')} before", *every[-lines:]]


def change(entry: Change) -> str:
    """Return what differs, in one line: ``mode: 644 -> 600``."""
    before = "(none)" if entry.before is None else clean(entry.before)
    after = "(none)" if entry.after is None else clean(entry.after)
    return f"{clean(entry.attribute)}: {before} -> {after}"


def title(name: str, arguments: Sequence[str], function: str) -> str:
    """Return what an operation is called: its name, with its arguments when that says too little.

    >>> title("files.file", ["path=/x"], "files.file")
    'files.file (path=/x)'
    """
    shown = clean(name)
    if arguments and (name == function or name.endswith(f"| {function}")):
        text = ", ".join(" ".join(clean(argument).split()) for argument in arguments)
        shown += f" ({text})" if len(text) <= 60 else f" ({text[:57]}...)"
    return " ".join(shown.split())


def fact_title(fact: FactRead | FactValue) -> str:
    """Return what a fact is called: ``files.File (path=/etc/hosts)``."""
    return f"{fact.fact} ({fact.arguments})" if fact.arguments else fact.fact
