"""The lines of the console report: one row per fact told, in columns that stay put from plan to summary."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from rich.console import COLOR_SYSTEMS, Console
from rich.style import Style
from rich.text import Text

from ropewalk.report.text import clean

#: What is written, and in which style; nothing in it is read as markup.
Part = tuple[str, str]
#: One line.
Line = tuple[Part, ...]

WORD = 11
TITLE = 42
#: Lines that explain a row start below its title.
INDENT = " " * (2 + WORD + 2)

STYLES = {
    "change": "yellow", "changed": "yellow", "unknown": "magenta", "error": "bold red", "failed": "bold red",
    "ok": "green", "no change": "dim", "skipped": "dim", "ignored": "cyan", "cancelled": "red", "running": "blue",
    "retrying": "yellow", "unreachable": "bold red", "not run": "dim", "warning": "yellow",
}  # fmt: skip


def row(word: str, title: str, *, hosts: str = "", note: str = "", depth: int = 0, same: bool = False) -> Line:
    """Return a row: how it is, what it is, which hosts, what else to know.

    :param depth: how deep an operation is nested; indents the title.
    :param same: the row above is about the same thing: its title is not repeated.
    """
    shown = "" if same else "  " * depth + title
    parts: list[Part] = [(f"  {word:<{WORD}}  ", STYLES.get(word, "")), (f"{shown:<{TITLE}}", "")]
    if hosts:
        parts.append((f"  {hosts}", "cyan"))
    if note:
        parts.append((f"  {note}", "dim"))
    return tuple(parts)


def below(text: str, style: str = "", *, depth: int = 0) -> list[Line]:
    """Return lines that explain the row above them."""
    return [((INDENT + "  " * depth, ""), (line, style)) for line in text.split("\n")]


def heading(text: str, note: str = "") -> list[Line]:
    """Return a heading with an empty line above it."""
    line: Line = ((text, "bold"), (f"  {note}", "dim")) if note else ((text, "bold"),)
    return [(), line]


def host_line(host: str | None, text: str, style: str = "") -> list[Line]:
    """Return lines that are about one host; ``None``: about the run."""
    prefix: tuple[Part, ...] = ((f"[{clean(host)}] ", "cyan"),) if host is not None else ()
    return [(*prefix, (line, style)) for line in text.split("\n")]


class Screen(Console):
    """A console that knows whether something moves on it, which lines must then be written around.

    :ivar moving: whether it does.
    """

    moving = False


def write(console: Console, lines: Iterable[Line]) -> None:
    """Write lines as they are: never wrapped, so that a log can be searched for what was written."""
    if lines == []:
        return
    if isinstance(console, Screen) and not console.moving:
        _write_straight(console, lines)
        return
    for parts in lines:
        text = Text(end="")
        for content, style in parts:
            text.append(content, style or None)
        text.rstrip()
        console.print(text, soft_wrap=True, highlight=False, markup=False, emoji=False)


def _write_straight(console: Console, lines: Iterable[Line]) -> None:
    """Do the same many times faster: a command may write a hundred thousand lines."""
    system, no_color = console.color_system, console.no_color
    made = []
    for parts in lines:
        left = list(parts)
        while left and not left[-1][0].rstrip():
            left.pop()
        for index, (content, style) in enumerate(left):
            text = content.rstrip() if index == len(left) - 1 else content
            before, after = _escapes(style, system, no_color) if system is not None else ("", "")
            made.append(f"{before}{text}{after}" if text else "")
        made.append("\n")
    if made:
        console.file.write("".join(made))
        console.file.flush()


@functools.cache
def _escapes(style: str, system: str, no_color: bool) -> tuple[str, str]:
    """Return what a terminal needs before and after text in a style."""
    parsed = Style.parse(style)
    rendered = (parsed.without_color if no_color else parsed).render("\0", color_system=COLOR_SYSTEMS[system])
    before, _, after = rendered.partition("\0")
    return before, after
