"""Reads the lines of ``--events`` as a strict reader would: valid, without gaps, every start with its end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import jsonschema

Line = dict[str, Any]

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "events.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def read(text: str) -> list[Line]:
    """Return the lines of a run that has ended.

    :raises AssertionError: they are not what the documentation promises.
    """
    assert text.endswith("\n"), f"the last line is cut: {text[-200:]!r}"
    lines: list[Line] = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        VALIDATOR.validate(line)
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert len({line["run"] for line in lines}) == 1
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    assert lines[-1]["event"] == "run_ended"
    assert unpaired(lines) == {}
    hosts = next(line["hosts"] for line in lines if line["event"] == "run_started")
    assert {line["host"] for line in lines if line["event"] == "host_ended"} == set(hosts)
    return lines


def of(lines: list[Line], event: str) -> list[Line]:
    return [line for line in lines if line["event"] == event]


def unpaired(lines: list[Line]) -> dict[Hashable, int]:
    """Return what began (or ended) more often than it ended (or began): positive (or negative) numbers."""
    balance: Counter[Hashable] = Counter()
    for line in lines:
        kind, _, what = line["event"].rpartition("_")
        if what == "started":
            balance[_subject(kind, line)] += 1
        elif what == "ended" and kind != "host" and line.get("skip") != "run-once":  # that one never began
            balance[_subject(kind, line)] -= 1
    return {subject: count for subject, count in balance.items() if count}


def _subject(kind: str, line: Line) -> Hashable:
    operation = line.get("operation")
    id = operation["id"] if isinstance(operation, dict) else operation
    return kind, line.get("host"), line.get("name"), id
