"""Runs one operation against given facts, without a host: what does it yield?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ropewalk.api.config import Config
from ropewalk.api.context import current_config, current_host, current_inventory, current_state, use
from ropewalk.api.host import Host
from ropewalk.api.inventory import Inventory
from ropewalk.api.operation import Operation
from ropewalk.api.state import State
from ropewalk.facts.files import Directory, Kind, Link
from ropewalk.facts.server import Accounts, Users
from ropewalk.model.command import Step

#: What a test says of these answers facts that tell the same, or less.
_SAME: dict[type, tuple[type, ...]] = {Accounts: (Users,)}


@dataclass(frozen=True)
class Evaluated:
    """What an operation did when it was evaluated.

    :ivar steps: what it yielded.
    :ivar noop: what it said with ``host.noop``.
    :ivar asked: the facts it read, as keys of the given mapping.
    """

    steps: list[Step]
    noop: str | None
    asked: list[Any]


@dataclass
class _KnownFacts:
    """A runner whose facts are given; asking for another one is a mistake in the test."""

    facts: Mapping[Any, Any]
    planning: bool = True
    connected: bool = True
    noop_reason: str | None = None
    asked: list[Any] = field(default_factory=list)

    def get_fact(self, fact: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        own = {key: value for key, value in kwargs.items() if not key.startswith("_")}
        wanted = [fact, *_SAME.get(fact, ())]
        for key in (key for known in wanted for key in (fact_key(known, *args, **own), known)):
            if key in self.facts:
                self.asked.append(key)
                return self.facts[key]
        if fact is Kind and (Directory in self.facts or fact_key(Directory, **own) in self.facts):
            return self._kind(own)
        raise AssertionError(f"the operation asked for {fact.__name__}{args}{own}, which the test does not give")

    def _kind(self, own: dict[str, Any]) -> str | None:
        """Answer from what the test says of ``Directory`` and ``Link``, which tell as much."""
        directory = self.get_fact(Directory, (), own)
        if directory is None or directory:
            return None if directory is None else "directory"
        return "link" if self.get_fact(Link, (), own) else "other"

    def running_arguments(self) -> Mapping[str, Any]:
        return {}

    def will_read(self, facts: Sequence[tuple[type, Mapping[str, Any]]]) -> None:
        pass

    def catch_up(self) -> None:
        pass

    def blocking(self, function: Callable[[], Any], *, reads: bool = False) -> Any:
        return function()

    def noop(self, reason: str) -> None:
        self.noop_reason = reason


def fact_key(fact: type, *args: Any, **kwargs: Any) -> Any:
    """Return the key under which a test gives the value of a fact with arguments."""
    return (fact, tuple(map(repr, args)), tuple(sorted((key, repr(value)) for key, value in kwargs.items())))


def evaluate(
    operation: Operation[Any],
    /,
    *args: Any,
    facts: Mapping[Any, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> Evaluated:
    """Evaluate an operation against facts.

    :param facts: fact class, or ``fact_key(Fact, path="/x")`` for one with arguments, to its value.
    :param data: host data.

    ::

        done = evaluate(files.file, "/x", mode=600, facts={File: {"mode": 644, ...}})
        assert done.steps == [Change("mode", "644", "600"), sh("chmod", "600", "/x")]
    """
    runner = _KnownFacts(facts or {})
    steps = steps_of(operation, runner, *args, _data=data, **kwargs)
    return Evaluated(steps, runner.noop_reason, runner.asked)


def steps_of(
    operation: Operation[Any],
    runner: Any,
    /,
    *args: Any,
    _data: Mapping[str, Any] | None = None,
    _cwd: str | None = None,
    **kwargs: Any,
) -> list[Step]:
    """Return what an operation yields on a host whose facts come from ``runner``.

    :param runner: answers ``get_fact``, and the rest of what a host asks of its runner.
    :param _data: host data.
    :param _cwd: the directory that names of local files are relative to; by default the working directory.
    """
    inventory = Inventory(([("test", _data or {})], {}))
    host: Host = inventory.get_host("test")
    host.runner = runner
    state = State(inventory, Config())
    state.cwd = _cwd or state.cwd
    with (
        use(current_host, host),
        use(current_state, state),
        use(current_config, state.config),
        use(current_inventory, inventory),
    ):
        return list(operation._inner(*args, **kwargs) or ())
