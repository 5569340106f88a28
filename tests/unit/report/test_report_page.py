"""Lines are written as they are, whichever way they take."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from rich.console import Console
from rich.live import Live

from ropewalk.model.event import OperationEnded, OperationInfo, OperationPlanned, OperationStarted, RunStarted
from ropewalk.model.outcome import Outcome, Prediction
from ropewalk.model.result import RunResult
from ropewalk.report import plan
from ropewalk.report.page import INDENT, STYLES, Line, Screen, below, heading, host_line, row, write
from ropewalk.report.plan import Shown
from ropewalk.report.steps import Steps

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


def test_reasons_of_several_lines_stand_below_what_they_explain() -> None:
    info = OperationInfo("1", "Reload", "server.shell")
    result = RunResult()
    for event in (
        RunStarted(("web1",), "1", "deploy"),
        OperationPlanned("web1", info, Prediction.UNKNOWN, reason="cannot be known:\nno nginx\nyet"),
    ):
        result.take(event)
    steps = Steps(total=1, shown=Shown(verbosity=1), planned=True)
    steps.started(OperationStarted("web1", info))
    told = list(steps.ended(OperationEnded("web1", info, Outcome.OK, reason="cannot be known:\nno nginx\nyet")))
    for lines in (list(plan.lines(result, Shown())), [*told, *steps.rest()]):
        text = ["".join(part for part, _ in line) for line in lines]
        [at] = [index for index, line in enumerate(text) if "Reload" in line]
        assert "cannot be known:" in text[at]
        assert text[at + 1 : at + 3] == [f"{INDENT}no nginx", f"{INDENT}yet"]
