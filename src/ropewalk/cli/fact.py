"""``ropewalk INVENTORY fact module.Fact arguments``: read facts and show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ropewalk.cli.names import check_fact_arguments, find_fact
from ropewalk.cli.run import Session
from ropewalk.engine.call import is_private
from ropewalk.engine.failure import failure_of
from ropewalk.inventories import parse_fact_arguments
from ropewalk.model.command import MASK
from ropewalk.model.errors import ConnectError, HostError, UsageError
from ropewalk.model.event import FactValue

#: A fact to read: its name, its class, its arguments.
Wanted = tuple[str, type[Any], Mapping[str, Any]]


def run(session: Session, inventory: str, words: Sequence[str]) -> int:
    """Read facts of every host and return the exit status."""
    from ropewalk.engine.program import FunctionProgram

    if not words:
        raise UsageError("fact: there is no fact", hint="as in: ropewalk INVENTORY fact server.Hostname")
    setup = session.prepare(inventory)
    wanted = resolve(words)
    program = FunctionProgram(lambda: read(wanted), "fact")
    result = session.run("fact", setup, [program], plan=False, apply=True, ask=False)
    return session.status(result)


def resolve(words: Sequence[str]) -> list[Wanted]:
    """Return the facts that words of the command line name; their arguments are checked before any host is touched."""
    wanted: list[Wanted] = []
    for name, kwargs in parse_fact_arguments(words):
        fact = find_fact(name)
        check_fact_arguments(name, fact, kwargs)
        wanted.append((name, fact, kwargs))
    return wanted


def read(wanted: Sequence[Wanted]) -> None:
    """Read facts of the current host; all of them, also after one could not be read.

    :raises HostError: the first failure, after all others were tried.
    """
    from ropewalk.api.context import current_emit, current_host

    host, emit = current_host.get(), current_emit.get()
    first: HostError | None = None
    host.runner.will_read([(fact, kwargs) for _, fact, kwargs in wanted])
    for name, fact, kwargs in wanted:
        arguments = ", ".join(
            f"{key}={MASK if is_private(key) else value}" for key, value in kwargs.items() if not key.startswith("_")
        )
        try:
            emit(FactValue(host.name, name, arguments, host.get_fact(fact, **kwargs)))
        except ConnectError:
            raise
        except HostError as error:
            emit(FactValue(host.name, name, arguments, None, failure_of(error)))
            first = first or error
    if first is not None:
        raise first
