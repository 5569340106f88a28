"""What the answers of hosts mean: values of facts, kept once for hosts that answer alike."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from ropewalk.engine.request import Request, is_ours
from ropewalk.model.errors import FactProcessError, RopewalkError
from ropewalk.model.record import record
from ropewalk.shell.capture import lines_of

_PLAIN = frozenset({str, int, float, bool, type(None), bytes, datetime})


@record
class Answer:
    """What a fact's command wrote.

    :ivar output: ``None`` where the fact has its default value.
    :ivar raw: the output and the exit status, if a shell could compare them.
    """

    output: bytes | None
    raw: tuple[bytes, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A value as it was read; another reading is another object, also where the value is the same."""

    value: Any
    raw: tuple[bytes, int] | None
    kept: Understood | None = None  # what it shares with other hosts


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Understood:
    """What an answer to a request means."""

    request: Request
    value: Any
    raw: tuple[bytes, int]


class Values:
    """What the answers of hosts mean: hosts that answer alike share a value, for as long as one of them knows it."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[tuple[int, bytes, int], Understood] = WeakValueDictionary()

    def of(self, request: Request, answer: Answer) -> Reading:
        """Return the value of a fact.

        :raises FactProcessError: the output makes no sense.
        """
        if answer.raw is None or not is_ours(request.fact):
            return Reading(_value(request, answer.output), answer.raw)
        key = id(request), *answer.raw  # it stays one since what is known keeps the request
        kept = self._known.get(key)
        if kept is None:
            kept = self._known[key] = Understood(request, _value(request, answer.output), answer.raw)
        return Reading(kept.value, kept.raw, kept)


def _value(request: Request, output: bytes | None) -> Any:
    """Return what a fact makes of its command's output.

    :raises FactProcessError: it makes no sense to it.
    """
    instance: Any = request.fact()
    if output is None:
        return instance.default()
    try:
        return instance.process(lines_of(output))
    except Exception as error:
        said = str(error) if isinstance(error, RopewalkError) else f"{type(error).__name__}: {error}"
        raise FactProcessError(
            f"cannot understand the output of fact {request.name}({request.arguments}): {said}"
        ) from error


def fresh(value: Any) -> Any:
    """Return a value that its reader may change without changing what others read."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        return {key: item if type(item) in _PLAIN else fresh(item) for key, item in value.items()}
    if kind is list:
        return [item if type(item) in _PLAIN else fresh(item) for item in value]
    return copy.deepcopy(value)
