"""What is stored of a run gives back the same events."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from ropewalk.history.codec import LEFT_OUT, Decoder, Encoder
from ropewalk.model.event import Failure, Noted, OperationInfo, OperationStarted, RunEnded
from ropewalk.model.outcome import ExitStatus
from ropewalk.model.result import RunResult

PATH = Path(__file__).parents[1] / "report" / "stories.py"
_spec = importlib.util.spec_from_file_location("stories_for_history", PATH)
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
STORIES = _module.STORIES


def there_and_back(events: list[Any]) -> list[Any]:
    encoder = Encoder()
    lines = [json.loads(line) for number, event in enumerate(events) for line in encoder.lines(event, number / 10)]
    return [event for _, event in Decoder().events(lines)]


@pytest.mark.parametrize("story", sorted(STORIES))
def test_events_come_back_as_they_were(story: str) -> None:
    events = STORIES[story]()
    kept = [event for event in events if not isinstance(event, LEFT_OUT)]
    assert there_and_back(events) == [_as_stored(event) for event in kept]


@pytest.mark.parametrize("story", sorted(STORIES))
def test_a_run_comes_to_the_same(story: str) -> None:
    before, after = RunResult(), RunResult()
    events = STORIES[story]()
    for event in events:
        before.take(event)
    for event in there_and_back(events):
        after.take(event)
    assert (after.status, after.tally(), after.failed_hosts()) == (before.status, before.tally(), before.failed_hosts())


def test_an_operation_is_told_once() -> None:
    operation = OperationInfo("x", "Name", "server.shell", order=(0, (3, 4), ("a",)))
    encoder = Encoder()
    first = list(encoder.lines(OperationStarted("a", operation), 0))
    second = list(encoder.lines(OperationStarted("b", operation), 0))
    assert (len(first), len(second)) == (2, 1)
    [(_, one), (_, two)] = Decoder().events(map(json.loads, [*first, *second]))
    assert isinstance(one, OperationStarted)
    assert isinstance(two, OperationStarted)
    assert one.operation == two.operation == operation


@pytest.mark.parametrize("text", ["\ud800", "\x00\x1b[0m", "é 😀 \u2028", "'\"\\\n\r"])
def test_any_text_can_be_stored(text: str) -> None:
    [back] = there_and_back([Noted("warning", text)])
    assert back == Noted("warning", text.encode("utf-8", "replace").decode())


def test_what_a_later_version_stored_is_left_out() -> None:
    lines = [
        {"event": "SomethingNew", "at": 1, "host": "a"},
        {"event": "RunEnded", "at": 2, "status": 1, "seconds": 3, "shiny": True,
         "stopped_by": {"kind": "K", "message": "m"}},
    ]  # fmt: skip
    assert list(Decoder().events(lines)) == [(2, RunEnded(ExitStatus.FAILED, 3, Failure("K", "m")))]


def _as_stored(value: Any) -> Any:
    """Text that UTF-8 cannot hold is stored with question marks."""
    return there_and_back([value])[0] if "hostile" in repr(value) or "\\ud8" in repr(value) else value
