"""The JSON document: valid for every way a run can end, and its numbers mean what they say."""

from __future__ import annotations

import datetime
import json
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest
from stories import STORIES

from ropewalk.model.command import Secret
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome, Prediction, Skip
from ropewalk.model.result import RunResult
from ropewalk.report.json import document, dumps
from ropewalk.report.values import plain

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schema" / "run.json").read_text())


def told(name: str) -> dict[str, Any]:
    result = RunResult()
    for event in STORIES[name]():
        result.take(event)
    made: dict[str, Any] = json.loads(dumps(document(result, version="0.0.0")))
    return made


@pytest.mark.parametrize("name", STORIES)
def test_every_document_is_as_the_schema_says(name: str) -> None:
    jsonschema.validate(told(name), SCHEMA, cls=jsonschema.Draft202012Validator)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_document_that_lacks_a_key_is_refused() -> None:
    broken = told("everything_well")
    del broken["operations"][0]["hosts"]["web1"]["outcome"]
    with pytest.raises(jsonschema.ValidationError, match="outcome"):
        jsonschema.validate(broken, SCHEMA)


def test_the_schema_lists_every_value_of_the_vocabularies() -> None:
    definitions = SCHEMA["$defs"]
    listed = {
        HostStatus: definitions["host"]["properties"]["status"],
        Prediction: definitions["planned"]["properties"]["hosts"]["additionalProperties"]["properties"]["prediction"],
        Outcome: definitions["operation"]["properties"]["hosts"]["additionalProperties"]["properties"]["outcome"],
        Skip: definitions["operation"]["properties"]["hosts"]["additionalProperties"]["properties"]["skip"],
    }
    for vocabulary, entry in listed.items():
        assert set(entry["enum"]) - {None} == {member.value for member in vocabulary}
    assert set(SCHEMA["properties"]["exit_code"]["enum"]) == {int(status) for status in ExitStatus}
    assert set(SCHEMA["properties"]["status"]["enum"]) == {status.name.lower() for status in ExitStatus}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("everything_well", {"changed": 8, "ok": 1, "skipped": 1}),
        ("one_of_three_fails", {"changed": 6, "failed": 1, "not_run": 2}),
        ("failure_ignored", {"changed": 1, "ignored": 1}),
        ("nested_failure", {"changed": 3, "failed": 1, "not_run": 1}),
        ("nested_failure_ignored_outside", {"changed": 4, "ignored": 1}),
        ("deploy_code_raises", {"changed": 1, "not_run": 1}),
        ("error_in_plan", {}),
        ("refused", {}),
        ("interrupted", {"cancelled": 1, "not_run": 1}),
    ],
)
def test_totals_count_root_causes(name: str, expected: dict[str, int]) -> None:
    totals = told(name)["totals"]["operations"]
    assert {key: count for key, count in totals.items() if count} == expected


def test_a_failure_has_what_is_needed_to_understand_it() -> None:
    made = told("one_of_three_fails")
    entry = made["operations"][0]
    assert entry["name"] == "Install nginx"
    assert entry["where"] == {"file": "deploy.py", "line": 4}
    on_host = entry["hosts"]["web2"]
    assert on_host["outcome"] == "failed"
    assert on_host["commands"][0]["exit_code"] == 100
    assert on_host["commands"][0]["stderr"] == "E: Unable to locate nginx\n"
    assert (made["status"], made["exit_code"], made["hosts"]["web2"]["status"]) == ("failed", 1, "failed")
    assert made["hosts"]["web2"]["not_run"] == ["op12", "op40"]


def test_nested_operations_are_children_of_their_call() -> None:
    made = told("nested_failure")
    outer = next(entry for entry in made["operations"] if entry["name"] == "Roll out the app")
    assert [child["name"] for child in outer["children"]] == ["Migrate the database"]
    assert outer["hosts"]["web1"]["failure"]["caused_by_nested"] is True
    assert "Migrate the database" not in {entry["name"] for entry in made["operations"]}


@pytest.mark.parametrize("name", ["refused", "error_in_plan", "usage_error", "all_unreachable", "nothing_to_do"])
def test_operations_are_null_when_nothing_was_applied(name: str) -> None:
    assert told(name)["operations"] is None


def test_what_stopped_the_run_is_told() -> None:
    made = told("usage_error")
    assert made["exit_code"] == 2
    assert made["error"]["message"] == "there is no file deploi.py"
    assert made["plan"] is None


def test_facts_are_by_name_and_host() -> None:
    made = told("facts")
    assert made["facts"]["server.Users"] == {"web1": {"root": {"uid": 0, "groups": ["a", "b"]}}}
    assert made["facts"]["files.File (path=/etc/hosts)"]["web2"] == "<class 'object'>"
    assert made["fact_failures"]["server.Users"]["web2"]["kind"] == "FactError"


def _cycle() -> list[Any]:
    made: list[Any] = []
    made.extend([made, made])
    return made


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({3, 20, -1}, [-1, 3, 20]),
        ({"b", 2, None}, [2, None, "b"]),
        (b"caf\xc3\xa9\xff", "caf\u00e9\ufffd"),
        (datetime.datetime(2024, 2, 29, 1, 2, 3), "2024-02-29T01:02:03"),
        (datetime.date(2024, 2, 29), "2024-02-29"),
        (datetime.timedelta(minutes=1), 60.0),
        (PurePosixPath("/etc"), "/etc"),
        (Outcome.CHANGED, "changed"),
        (float("nan"), "nan"),
        ((1, [2]), [1, [2]]),
        ({None: 1, 2: 2, (3,): 3}, {"null": 1, "2": 2, "(3,)": 3}),
        ("\udcff", "?"),
        (Secret("hunter2"), "*****"),
        ({"password": Secret("hunter2")}, {"password": "*****"}),
        (Unprintable(), "<Unprintable, whose repr raises RuntimeError>"),
    ],
)
def test_any_value_becomes_plain(value: Any, expected: Any) -> None:
    made = plain(value)
    assert made == expected
    json.dumps(made, allow_nan=False)


def test_a_value_that_holds_itself_ends_somewhere() -> None:
    assert plain(_cycle()) == ["(contains itself)", "(contains itself)"]


def test_a_value_that_is_very_deep_ends_somewhere() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert "nested too deeply" in json.dumps(plain(deep))
