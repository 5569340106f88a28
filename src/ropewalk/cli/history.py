"""``ropewalk history``, ``show``, ``diff`` and ``stats``: what earlier runs came to. They touch no host."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Any

import click

from ropewalk.cli.history_text import commit, differing, listed, local_time, ranked
from ropewalk.cli.output import reserved_stdout, write_whole, writing
from ropewalk.model.errors import UsageError
from ropewalk.model.outcome import ExitStatus
from ropewalk.report.json import dumps
from ropewalk.report.page import Line, write
from ropewalk.report.text import clean

if TYPE_CHECKING:
    from ropewalk.history.store import RunRow, Store

#: Events with the seconds since their run began.
Events = Sequence[tuple[float, Any]]

FORMATS = ("text", "json", "jsonl", "junit", "html")


def run(argv: Sequence[str], program: str) -> int:
    """Carry out one of these commands and return the exit status."""
    command = _commands()[argv[0]]
    return int(command.main(list(argv[1:]), prog_name=f"{program} {argv[0]}", standalone_mode=False) or 0)


def _commands() -> dict[str, click.Command]:
    as_json = click.Option(["--json", "as_json"], is_flag=True, help="Write one JSON document.")
    count = click.Option(["-n", "count"], type=click.IntRange(min=1), default=20, help="How many (default: 20).")
    page = click.Option(["--html"], metavar="FILE", help="Write a page with plots as well.")
    run_word = click.Argument(["run"], default="last", metavar="[RUN]")
    to_format = click.Option(["--format"], type=click.Choice(FORMATS), default="text", help="What to write.")
    before, after = click.Argument(["before"], metavar="RUN"), click.Argument(["after"], metavar="RUN")
    which = "RUN is an id, the beginning of one, last, or -1 (the last), -2 ..."
    return {
        "history": _command("history", _history, "List the last runs.", [count, as_json]),
        "show": _command("show", _show, f"Tell a run again, also in other formats.\n\n{which}", [run_word, to_format]),
        "diff": _command(
            "diff", _diff, f"Show what ended otherwise in the second run.\n\n{which}", [before, after, as_json]
        ),
        "stats": _command("stats", _stats, "Show slow operations, and hosts that fail often.", [count, as_json, page]),
    }


def _command(name: str, callback: Any, help: str, params: list[click.Parameter]) -> click.Command:
    # -1 is a run, not an option.
    settings = {"help_option_names": ["-h", "--help"], "ignore_unknown_options": True, "max_content_width": 120}
    return click.Command(name, callback=callback, help=help, params=params, context_settings=settings)


def _open() -> Store:
    from ropewalk.history.places import state_directory
    from ropewalk.history.store import Store

    return Store(state_directory())


# -- history ---------------------------------------------------------------------------------------------


def _history(count: int, as_json: bool) -> int:
    with reserved_stdout() as data, _open() as store:
        runs = store.runs(count)
        if as_json:
            _document(data, {"runs": [_run_document(run) for run in runs]})
        elif runs:
            _lines(data, listed(runs))
        else:
            _lines(data, [(("no runs yet", ""),)])
    return int(ExitStatus.OK)


def _run_document(run: RunRow) -> dict[str, Any]:
    about = dataclasses.asdict(run)
    about["git_dirty"] = None if run.git_dirty is None else bool(run.git_dirty)
    return about


# -- show ------------------------------------------------------------------------------------------------


def _show(run: str, format: str) -> int:
    with reserved_stdout() as data, _open() as store:
        row = store.run(run)
        events = store.events(row.id)
        if format in ("text", "jsonl"):
            with writing(data):
                (_as_text if format == "text" else _as_jsonl)(data, row, events)
        else:
            made = {"json": _as_json, "junit": _as_junit, "html": _as_html}[format](row, events)
            with writing(data):
                data.write(made)
    return int(ExitStatus.OK)


def _folded(events: Events) -> Any:
    from ropewalk.model.result import RunResult

    result = RunResult()
    for _, event in events:
        result.take(event)
    return result


def _as_text(data: IO[str], row: RunRow, events: Events) -> None:
    from ropewalk.report.console import ConsoleOptions, ConsoleReport, make_console

    place = f"{clean(row.inventory)} {clean(row.what)}"
    _lines(data, [(("run ", ""), (row.id, "bold"), (f": {place}", ""))])
    _lines(data, [((f"{local_time(row.began):%Y-%m-%d %H:%M:%S}, {clean(row.user)} on {clean(row.machine)}", ""),)])
    which = f", commit {commit(row)}" if row.git_commit else ""
    _lines(data, [((f"in {clean(row.directory)}{which}, ropewalk {clean(row.version)}", ""),)])
    if row.resumes:
        _lines(data, [((f"resumed run {row.resumes}", ""),)])
    report = ConsoleReport(make_console(data), ConsoleOptions())
    for _, event in events:
        report(event)


def _as_jsonl(data: IO[str], row: RunRow, events: Events) -> None:
    from ropewalk.report.jsonl import EventLines

    began = datetime.fromisoformat(row.began)
    lines = EventLines(data.write, run=row.id)
    for seconds, event in events:
        lines.take(event, began + timedelta(seconds=seconds))


def _as_json(row: RunRow, events: Events) -> str:
    from ropewalk.report.json import document

    return dumps(document(_folded(events), version=row.version)) + "\n"


def _as_junit(row: RunRow, events: Events) -> str:
    from ropewalk.report import junit

    return junit.document(_folded(events), started=datetime.fromisoformat(row.began))


def _as_html(row: RunRow, events: Events) -> str:
    from ropewalk.cli.about import about_earlier
    from ropewalk.report.html.moments import Moments
    from ropewalk.report.html.page import document

    moments = Moments()
    for seconds, event in events:
        moments.take(event, seconds)
    return document(_folded(events), moments, about=about_earlier(row))


# -- diff, stats -----------------------------------------------------------------------------------------


def _diff(before: str, after: str, as_json: bool) -> int:
    from ropewalk.history.questions import differences

    with reserved_stdout() as data, _open() as store:
        old, new = store.run(before), store.run(after)
        found = differences(store, old, new)
        if as_json:
            about = [dataclasses.asdict(difference) for difference in found]
            _document(data, {"before": old.id, "after": new.id, "differences": about})
            return int(ExitStatus.OK)
        _lines(data, differing(old.id, new.id, found, hosts=max(old.hosts, new.hosts)))
    return int(ExitStatus.OK)


def _stats(count: int, as_json: bool, html: str | None) -> int:
    from ropewalk.history.questions import flakiest, slowest

    with reserved_stdout() as data, _open() as store:
        slow, flaky = slowest(store, count), flakiest(store, count)
        if html is not None or as_json:
            made = {
                "runs": [_run_document(run) for run in store.runs(count)],
                "slowest": [dataclasses.asdict(entry) for entry in slow],
                "flakiest": [dataclasses.asdict(entry) for entry in flaky],
            }
            if html is not None:
                _page(html, made)
            if as_json:
                _document(data, made)
                return int(ExitStatus.OK)
        _lines(data, ranked(slow, flaky))
    return int(ExitStatus.OK)


def _page(path: str, stats: dict[str, Any]) -> None:
    from ropewalk.report.html.stats import document

    try:
        write_whole(path, document(stats))
    except OSError as error:
        raise UsageError(f"--html: {path} cannot be written: {error.strerror}") from error


def _lines(data: IO[str], lines: Iterable[Line]) -> None:
    from ropewalk.report.console import make_console

    write(make_console(data), lines)


def _document(data: IO[str], made: dict[str, Any]) -> None:
    with writing(data):
        data.write(dumps(made) + "\n")
