"""Lines of events: valid for every way a run can end, and the same for as long as the version is."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import jsonschema
import pytest
from stories import STORIES, command, failure, operation

from ropewalk.model.command import Change, Diff, Secret
from ropewalk.model.event import (
    CommandEnded,
    CommandStarted,
    Event,
    FactRead,
    FactValue,
    Location,
    Noted,
    OperationEnded,
    OperationPlanned,
    OutputLine,
    PlanIncomplete,
    RunEnded,
    RunStopping,
)
from ropewalk.model.outcome import ExitStatus, Outcome, Prediction, Skip
from ropewalk.report.jsonl import NAMES, SCHEMA_VERSION, EventLines, about

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docs" / "schema" / "events.json"
SCHEMA = json.loads(FILE.read_text())
PAGE = (ROOT / "docs" / "events.md").read_text()


def _strict(schema: Any) -> Any:
    """Return a schema that allows no key that it does not name."""
    made = deepcopy(schema)
    for definition in made["$defs"].values():
        names = definition["properties"]
        definition["additionalProperties"] = False
        if "event" in names:
            definition["properties"] = {**dict.fromkeys(schema["properties"], True), **names}
    return made


STRICT = jsonschema.Draft202012Validator(_strict(SCHEMA))


def lines(events: Iterable[Event]) -> list[dict[str, Any]]:
    written: list[str] = []
    take = EventLines(written.append, run="r1")
    for event in events:
        take(event)
    assert all(line.endswith("\n") and line.count("\n") == 1 and line.isascii() for line in written)
    return [json.loads(line) for line in written]


EVERYTHING: list[Event] = [
    RunStopping(ExitStatus.TERMINATED),
    PlanIncomplete("web1", "unknown", Location("deploy.py", 3)),
    OperationPlanned(
        "web1", operation(1, "caf\u00e9 \udcff"), Prediction.CHANGE, ("true",), (Change("mode", None, "644"),),
        (Diff("/x", None, "a\n"),), "because", failure(hint="so", where=Location("deploy.py", 1)), True,
    ),
    OperationEnded(
        "web1", operation(1, "x", "server.shell", "op9", "a=1"), Outcome.SKIPPED, 1.23456789, Skip.CONDITION,
        (command("false", None, error="lost"),), attempts=3, reason="no",
    ),
    CommandStarted("web1", "true", "op1"),
    CommandEnded("web1", command("true", 1, "out\u2028\n", "err\x1b\n")),
    FactRead("web1", "server.Users", "", 0.5, failure(), {"root": {"password": "$6$hash"}}),
    FactValue("web1", "server.X", "", {1: {b"b", "a"}, "inf": float("inf"), "password": Secret("hunter2")}),
    FactValue("web1", "server.Y", "", object()),
    Noted("warning", "line\nline"),
    RunEnded(ExitStatus.CHANGES, 1.0, failure()),
]  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_every_line_is_as_the_schema_says(name: str) -> None:
    events = STORIES[name]()
    for line in lines(events)[:: 1 + len(events) // 100]:
        STRICT.validate(line)


@pytest.mark.parametrize("event", EVERYTHING, ids=lambda event: type(event).__name__)
def test_every_field_is_as_the_schema_says(event: Event) -> None:
    [line] = lines([event])
    STRICT.validate(line)


def test_every_event_is_in_the_stories_and_on_the_page() -> None:
    told = {type(event) for make in STORIES.values() for event in make()} | {type(event) for event in EVERYTHING}
    assert told == set(get_args(Event))
    assert [name for name in NAMES.values() if f"`{name}`" not in PAGE] == []
    fields = {key for name in NAMES.values() for key in SCHEMA["$defs"][name]["properties"]} | set(SCHEMA["properties"])
    assert [name for name in fields if f"`{name}`" not in PAGE] == []
    assert f"`{SCHEMA_VERSION}`" in PAGE


def test_a_line_says_what_when_and_in_which_run() -> None:
    written: list[str] = []
    take = EventLines(written.append, run="r1")
    noon = datetime(2024, 2, 29, 13, 0, 0, 5, timezone(timedelta(hours=1)))
    take.take(Noted("info", "x", "web1"), noon)
    take.take(RunStopping(ExitStatus.INTERRUPTED), noon)
    assert [json.loads(line) for line in written] == [
        {
            "schema_version": SCHEMA_VERSION, "run": "r1", "seq": 1, "time": "2024-02-29T12:00:00.000005Z",
            "event": "noted", "level": "info", "message": "x", "host": "web1",
        },
        {
            "schema_version": SCHEMA_VERSION, "run": "r1", "seq": 2, "time": "2024-02-29T12:00:00.000005Z",
            "event": "run_stopping", "status": "interrupted", "exit_code": 130,
        },
    ]  # fmt: skip


def test_an_operation_names_the_one_it_was_called_in() -> None:
    ended = [line for line in lines(STORIES["nested_failure"]()) if line["event"] == "operation_ended"]
    inner = next(line for line in ended if line["operation"]["name"] == "Migrate the database")
    outer = next(line for line in ended if line["operation"]["id"] == inner["operation"]["parent"])
    assert outer["operation"]["name"] == "Roll out the app"
    assert outer["failure"]["caused_by_nested"]
    assert inner["commands"][0]["exit_code"] == 1


def test_values_of_facts_are_told_only_if_somebody_asked_for_them() -> None:
    read, value, unknown = (json.loads(f"{{{about(event)}}}") for event in EVERYTHING[6:9])
    assert "value" not in read
    assert "hash" not in json.dumps(read)
    assert value["value"] == {"1": ["a", "b"], "inf": "inf", "password": "*****"}
    assert unknown["value"].startswith("<object object")


def test_runs_are_told_apart() -> None:
    first, second = (EventLines(lambda line: None).run for _ in range(2))
    assert first != second


def test_lines_of_several_threads_are_numbered_in_order() -> None:
    written: list[str] = []
    take = EventLines(written.append)
    threads = [
        threading.Thread(target=lambda: [take(Noted("info", "x")) for _ in range(200)] and None) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [json.loads(line)["seq"] for line in written] == list(range(1, 801))


# -- the schema -----------------------------------------------------------------------------------------


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gen_events_schema", ROOT / "tools" / "gen_events_schema.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = _generator()


def test_the_schema_is_that_of_the_events() -> None:
    """When this fails, the events have changed: raise ``SCHEMA_VERSION``, and run tools/gen_events_schema.py."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert GENERATOR.schema() == SCHEMA


def test_the_schema_finds_mistakes() -> None:
    [line] = lines([CommandStarted("web1", "true", "op1")])
    for broken in ({**line, "host": 1}, {**line, "event": "x"}, {**line, "schema_version": "0.9"}, {"event": "noted"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, SCHEMA)


@dataclass(frozen=True)
class Began:
    """Something."""

    host: str
    seconds: float


@dataclass(frozen=True)
class More:
    """Something, told better."""

    host: str
    seconds: float
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Less:
    host: str


@dataclass(frozen=True)
class Other:
    host: str
    seconds: int


@pytest.mark.parametrize(
    ("kinds", "least"),
    [
        ({Began: "began"}, "2.7"),
        ({More: "began"}, "2.8"),
        ({Began: "began", Less: "less"}, "2.8"),
        ({Less: "began"}, "3.0"),
        ({Other: "began"}, "3.0"),
        ({Began: "begun"}, "3.0"),
    ],
)
def test_a_change_needs_another_version(kinds: dict[type, str], least: str) -> None:
    before, after = GENERATOR.schema({Began: "began"}, "2.7"), GENERATOR.schema(kinds, "2.7")
    assert GENERATOR.needed(before, after) == least


def _without_an_event(schema: dict[str, Any]) -> None:
    schema["oneOf"].pop()


def _with_a_field_that_went_away(schema: dict[str, Any]) -> None:
    schema["$defs"]["noted"]["properties"]["gone"] = {"type": "string"}


@pytest.mark.parametrize("change", [_without_an_event, _with_a_field_that_went_away])
def test_the_schema_is_not_written_while_the_version_is_the_same(
    change: Callable[[dict[str, Any]], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = deepcopy(SCHEMA)
    change(before)
    file = tmp_path / "events.json"
    file.write_text(text := json.dumps(before))
    assert GENERATOR.main(["--check"], file) == 1
    assert GENERATOR.main([], file) == 1
    assert "raise SCHEMA_VERSION" in capsys.readouterr().err
    assert file.read_text() == text
    before["properties"]["schema_version"]["const"] = "0.3"
    file.write_text(json.dumps(before))
    assert GENERATOR.main([], file) == 0
    assert file.read_text() == FILE.read_text()


@pytest.mark.parametrize("operation", [None, "op1"])
@pytest.mark.parametrize("text", ["", "x", "caf\u00e9 \u2028 \U0001f600", '"\\\x00\x1b\n', "\ud800"])
def test_every_text_can_be_a_line(text: str, operation: str | None) -> None:
    [line] = lines([OutputLine("web\u00e9", text, "stderr", operation)])
    STRICT.validate(line)
    expected = {"host": "web\u00e9", "line": text.replace("\ud800", "?"), "stream": "stderr", "operation": operation}
    assert {name: line[name] for name in expected} == expected


def test_times_are_utc() -> None:
    [line] = lines([Noted("info", "x")])
    assert abs(datetime.fromisoformat(line["time"]) - datetime.now(UTC)) < timedelta(minutes=1)
