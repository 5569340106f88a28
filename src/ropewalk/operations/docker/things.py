"""What Docker's operations share: things by their names, lists of ``name=value``, refusing what cannot be changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ropewalk.api.context import current_host
from ropewalk.facts.docker import DockerSingleMixin
from ropewalk.facts.server import Which
from ropewalk.model.command import Shell, Word, sh
from ropewalk.model.errors import OperationError, OperationValueError

#: That many characters of an ID name a thing for sure.
_SHORT_ID = 12


def docker(*words: Word) -> Shell:
    return sh("docker", *words)


def find(fact: type[DockerSingleMixin], name: str) -> dict[str, Any] | None:
    """Return what the host has of a name; Docker itself would take a name for the beginning of an ID, too.

    :raises OperationError: Docker is not installed on the host.
    :raises OperationValueError: the name is empty.
    """
    if not name:
        raise OperationValueError(f"a {fact.docker_type} needs a name")
    host = current_host.get()
    found: Sequence[dict[str, Any]] | None = host.get_fact(fact, object_id=name)
    if found is None:  # the fact's default: a list is always written
        if not host.get_fact(Which, command="docker"):
            raise OperationError("docker is not installed on the host", hint="Debian has it as docker.io")
        return None
    return next((thing for thing in found if _is_named(thing, name)), None)


def pairs(entries: Iterable[str] | Mapping[str, str] | None) -> dict[str, str]:
    """Read ``name=value`` entries.

    >>> pairs(["a=b=c", "d"])
    {'a': 'b=c', 'd': ''}
    """
    if isinstance(entries, Mapping):
        return {name: str(value) for name, value in entries.items()}
    return {name: value for name, _, value in (entry.partition("=") for entry in entries or ())}


def each(name: str, values: Iterable[str] | None) -> Iterator[str]:
    """Yield an option once for each value.

    >>> [*each("--label", ["a=b"])]
    ['--label', 'a=b']
    """
    for value in [values] if isinstance(values, str) else values or ():
        yield from (name, value)


def refuse_differences(what: str, differences: Mapping[str, tuple[object, object]]) -> None:
    """Refuse to leave a thing that is not as wanted, where it cannot be changed without losing what is in it.

    :param differences: what differs -> what is wanted, what is there.
    :raises OperationError: something differs.
    """
    for attribute, (wanted, have) in differences.items():
        raise OperationError(
            f"the {what} has {attribute} {have!r}, not {wanted!r}, and that cannot be changed",
            hint="remove it with present=False, then make it anew",
        )


def missing_pairs(attribute: str, wanted: Mapping[str, str], have: Mapping[str, str] | None) -> dict[str, Any]:
    """Return a difference if some of the pairs are not there."""
    there = have or {}
    if all(there.get(name) == value for name, value in wanted.items()):
        return {}
    return {attribute: (dict(wanted), {name: there[name] for name in wanted if name in there})}


def _is_named(thing: Mapping[str, Any], name: str) -> bool:
    if "RepoTags" in thing:  # of an image, Docker knows better which one is meant
        return True
    names = {str(thing.get("Name", "")).removeprefix("/"), str(thing.get("Name", "")).removesuffix(":latest")}
    return name in names or (len(name) >= _SHORT_ID and str(thing.get("Id", "")).startswith(name))
