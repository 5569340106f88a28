"""Operations and facts that tests of the engine play with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ropewalk import host
from ropewalk.api import FactBase, operation, sh
from ropewalk.model.command import Call, Change, Raw, Shell, Step


class Content(FactBase[list[str]]):
    """The lines of a file; none if there is no such file."""

    def command(self, path: str) -> Shell:
        return sh("cat", path, Raw("2>/dev/null || true"))

    def process(self, output: list[str]) -> list[str]:
        return output

    @staticmethod
    def default() -> list[str]:
        return []


class Failing(FactBase[str]):
    """Cannot be read unless there is a file named ``ready``."""

    command = "[ -e ready ] || { echo not ready >&2; exit 3; }; echo is ready"


class Counted(FactBase[int]):
    """How often it was read: each read leaves a mark in a file."""

    command = "echo x >> reads; wc -l < reads"

    def process(self, output: list[str]) -> int:
        return int(output[0])


@operation()
def run(*commands: str) -> Iterator[Step]:
    """Run commands."""
    yield from commands


@operation()
def content(path: str, text: str) -> Iterator[Step]:
    """Make a file hold one line."""
    now = host.get_fact(Content, path=path)
    if now == [text]:
        host.noop(f"{path} is as it should be")
        return
    yield Change("content", "\n".join(now), text)
    yield sh("echo", text, Raw(">"), path)


@operation()
def needs(fact: type = Failing) -> Iterator[Step]:
    """Read a fact, and run a command that depends on it."""
    value = host.get_fact(fact)
    yield sh("echo", str(value))


@operation()
def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Iterator[Step]:
    """Call a function."""
    yield Call(function, args, kwargs)


@operation()
def steps(*given: Any) -> Iterator[Any]:
    """Yield whatever is given."""
    yield from given


@operation()
def nothing() -> Iterator[Step]:
    """Have nothing to do."""
    yield from ()


@operation()
def broken() -> Iterator[Step]:
    """Fail before the first command."""
    raise ValueError("broken by design")
    yield


@operation()
def broken_after(command: str) -> Iterator[Step]:
    """Fail after the first command."""
    yield command
    raise ValueError("broken by design")
