"""Lines are written as they are, whichever way they take."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from rich.console import Console
from rich.live import Live

from ropewalk.report.page import STYLES, Line, Screen, below, heading, host_line, row, write

LINES: list[Line] = [
    (),
    *heading("Plan for 1 host", "0.1s"),
    *(row(word, "Install [bold]nginx[/bold] :smile:", hosts="web1", note="a" * 300, depth=1) for word in STYLES),
    row("ok", "", same=True),
    *below("one\n\n two  \n", "red"),
    *host_line("web1", "   ", "bold"),
    (("ends with a blank ", "red"), ("", "bold"), ("  ", "dim")),
    (("\\[escaped] http://example.org 'quoted' 127.0.0.1", ""),),
]
TERMINALS: dict[str, Mapping[str, str]] = {
    "colours": {"TERM": "xterm-256color"},
    "all colours": {"TERM": "xterm", "COLORTERM": "truecolor"},
    "few colours": {"TERM": "xterm"},
    "no colour": {"TERM": "xterm", "NO_COLOR": "1"},
    "dumb": {"TERM": "dumb"},
}


def _written(kind: type[Console], terminal: bool, environment: Mapping[str, str]) -> str:
    file = io.StringIO()
    write(kind(file=file, force_terminal=terminal, width=40, _environ=environment), LINES)
    return file.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("environment", TERMINALS.values(), ids=TERMINALS.keys())
def test_the_fast_way_writes_what_rich_writes(terminal: bool, environment: Mapping[str, str]) -> None:
    straight = _written(Screen, terminal, environment)
    assert straight == _written(Console, terminal, environment)
    assert ("\x1b[" in straight) is (terminal and environment["TERM"] != "dumb")


def test_lines_are_written_around_what_moves() -> None:
    file = io.StringIO()
    screen = Screen(file=file, force_terminal=True, width=40, _environ={"TERM": "xterm"})
    with Live("what moves", console=screen, auto_refresh=False):
        screen.moving = True
        write(screen, host_line("web1", "line"))
        assert file.getvalue().index("line") < file.getvalue().rindex("what moves")
