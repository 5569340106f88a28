"""What is told at the right time: operations as they end, output as it comes, what moves on a terminal."""

from __future__ import annotations

import io
from typing import cast

import pytest
from rich.console import Console
from stories import CONFIG, INSTALL, MIGRATE, ROLL_OUT, STORIES, begin, failed

from ropewalk.model.event import Event, Noted, OperationEnded, OperationStarted, PassStarted, RunStarted
from ropewalk.model.outcome import Outcome
from ropewalk.report.console import ConsoleOptions, ConsoleReport, NoteReport, make_console
from ropewalk.report.exec import ExecOutput
from ropewalk.report.page import Line
from ropewalk.report.plan import Shown
from ropewalk.report.progress import ProgressReport
from ropewalk.report.steps import Steps


def shown(*events: Event) -> list[str]:
    """Return what has been told after these events, without the end of the pass."""
    steps, lines = Steps(total=3, shown=Shown(), planned=True), list[Line]()
    for event in events:
        lines += steps.started(event) if isinstance(event, OperationStarted) else []
        lines += steps.ended(event) if isinstance(event, OperationEnded) else []
    return [" ".join("".join(text for text, _ in line).split()) for line in lines]


def test_hosts_that_are_at_the_same_operation_are_told_together_when_all_have_ended() -> None:
    events: list[Event] = [OperationStarted(host, INSTALL) for host in ("a", "b")]
    events += [OperationEnded(host, INSTALL, Outcome.CHANGED) for host in ("a", "b")]
    assert shown(*events) == []
    assert shown(*events, OperationStarted("a", CONFIG)) == ["changed Install nginx a, b 0.0s"]


def test_a_host_that_runs_ahead_does_not_make_the_others_told_early() -> None:
    told = shown(
        OperationStarted("a", INSTALL),
        OperationStarted("b", INSTALL),
        OperationEnded("a", INSTALL, Outcome.CHANGED),
        OperationStarted("a", CONFIG),
        OperationEnded("a", CONFIG, Outcome.OK),
        OperationEnded("b", INSTALL, Outcome.OK),
        OperationStarted("b", CONFIG),
    )
    assert [line.split()[:2] for line in told] == [["ok", "files.template"], ["changed", "Install"], ["ok", "b"]]


def test_the_operation_around_a_nested_one_is_told_before_it() -> None:
    told = shown(
        OperationStarted("a", ROLL_OUT),
        OperationStarted("a", MIGRATE),
        OperationEnded("a", MIGRATE, Outcome.CHANGED, 1.5),
        OperationEnded("a", ROLL_OUT, Outcome.CHANGED, 2.0),
    )
    assert told == ["running Roll out the app a", "changed Migrate the database a 1.5s"]


def test_the_last_line_of_stderr_is_told_at_once() -> None:
    told = shown(OperationStarted("a", INSTALL), failed("a", INSTALL), OperationStarted("b", CONFIG))
    assert told[1] == "exit status 100: E: Unable to locate nginx"


BYTES = bytes(range(256))


@pytest.mark.parametrize(
    ("hosts", "out", "err"),
    [
        (("web1",), b"up\r\n" + BYTES, b"oh"),
        (("web1", "web2"), b"[web1] up\r\n[web1] " + BYTES + b"\n", b"[web1] oh\n"),
    ],
)
def test_exec_passes_output_on(hosts: tuple[str, ...], out: bytes, err: bytes) -> None:
    streams = [io.TextIOWrapper(io.BytesIO(), write_through=False) for _ in range(2)]
    output = ExecOutput(*streams)
    output(RunStarted(hosts, "1", "exec"))
    for stream, line in (("stdout", b"up\r\n"), ("stderr", b"oh"), ("stdout", BYTES)):
        output.take("web1", stream, line)
    assert [cast(io.BytesIO, stream.buffer).getvalue() for stream in streams] == [out, err]


def test_exec_writes_text_where_nothing_else_is_taken() -> None:
    out = io.StringIO()
    ExecOutput(out, io.StringIO()).take("web1", "stdout", b"\xff\n")
    assert out.getvalue() == "\ufffd\n"


def test_exec_goes_on_when_nobody_reads_its_output() -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    output = ExecOutput(Closed(), io.StringIO())
    for line in (b"a\n", b"b\n"):
        output.take("web1", "stdout", line)
    assert list(output.failed) == ["stdout"]


def test_a_note_is_told_once_a_host_and_debug_only_when_asked() -> None:
    file = io.StringIO()
    report = NoteReport(make_console(file))
    for event in [Noted("warning", "old", "a")] * 2 + [Noted("warning", "old", "b"), Noted("debug", "x")]:
        report(event)
    assert file.getvalue() == "[a] warning: old\n[b] warning: old\n"


def _terminal() -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, force_terminal=True, width=100, color_system=None, _environ={"TERM": "xterm"}), file


def _moved(monkeypatch: pytest.MonkeyPatch, console: Console) -> bool:
    report = ProgressReport(console)
    report(PassStarted("connect"))
    moving = report._line._progress is not None
    report._line.hide()
    return moving


def test_something_moves_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYINFRA_PROGRESS", raising=False)
    assert _moved(monkeypatch, _terminal()[0])
    assert not _moved(monkeypatch, make_console(io.StringIO()))


@pytest.mark.parametrize("name", ["PYINFRA_PROGRESS", "ROPEWALK_PROGRESS"])
def test_nothing_moves_when_that_is_turned_off(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "off")
    assert not _moved(monkeypatch, _terminal()[0])


def test_progress_names_the_innermost_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    report = ProgressReport(make_console(io.StringIO()))
    for event in [
        *begin("a", "b"), PassStarted("apply"), OperationStarted("a", ROLL_OUT), OperationStarted("b", ROLL_OUT),
        OperationStarted("a", MIGRATE), OperationStarted("b", MIGRATE),
    ]:  # fmt: skip
        report(event)
    assert report.now() == (2, MIGRATE)
    for host in ("a", "b"):
        report(OperationEnded(host, MIGRATE, Outcome.CHANGED))
    assert report.now() == (2, ROLL_OUT)


@pytest.mark.parametrize("story", STORIES)
def test_every_run_can_be_watched_on_a_terminal(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYINFRA_PROGRESS", raising=False)
    console, file = _terminal()
    reports = [ProgressReport(console), ConsoleReport(console, ConsoleOptions(verbosity=3))]
    for event in STORIES[story]():
        for report in reports:
            report(event)
    assert "\x07" not in file.getvalue()
    assert reports[0]._line._progress is None  # type: ignore[union-attr]
