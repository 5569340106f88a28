"""Chooses hosts of an inventory: ``--limit`` and ``--exclude``."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence

from ropewalk.api.host import Host
from ropewalk.api.inventory import ALL, Inventory
from ropewalk.inventories.note import note
from ropewalk.model.errors import InventoryError
from ropewalk.model.suggest import did_you_mean

#: Words that will stand for what earlier runs recorded.
_RESERVED = {"@failed": "the hosts that failed in the last run"}


def select(inventory: Inventory, limit: Sequence[str], exclude: Sequence[str]) -> list[Host]:
    """Return the hosts to work on, in inventory order.

    A word is the name of a group, the name of a host, or a pattern of host names (``web*``, ``db[12]``); several
    can be joined by commas.

    :param limit: words for what to take; none: every host.
    :param exclude: words for what to leave out of it.
    :raises InventoryError: a word matches nothing, or nothing is left.

    >>> inventory = Inventory((["web1", "web2", "db1"], {}))
    >>> select(inventory, ["web*", "db1"], ["web2"])
    [Host(web1), Host(db1)]
    """
    taken = _matching(inventory, limit, "--limit") if limit else set(inventory)
    left_out = _matching(inventory, exclude, "--exclude")
    chosen = [host for host in inventory if host in taken and host not in left_out]
    if not chosen:
        raise InventoryError(
            "no host is left to work on",
            hint=f"--exclude {','.join(exclude)} leaves out every host" if exclude else "the inventory is empty",
        )
    return chosen


def _matching(inventory: Inventory, words: Sequence[str], option: str) -> set[Host]:
    return {host for word in _words(words, option) for host in _hosts(inventory, word, option)}


def _words(given: Sequence[str], option: str) -> Iterator[str]:
    for text in given:
        words = [word.strip() for word in text.split(",") if word.strip()]
        if not words:
            raise InventoryError(f"{option} {text!r} names no host")
        yield from words


def _hosts(inventory: Inventory, word: str, option: str) -> list[Host]:
    """Return the hosts a word stands for; a group wins over a host of the same name, as in v3."""
    if word in inventory.groups:
        hosts = inventory.groups[word]
        if word in inventory.hosts and hosts != [inventory.hosts[word]]:
            note("warning", f"{option} {word} is the group {word}, not only the host of that name")
        if not hosts:
            raise InventoryError(f"{option} {word} matches no host", hint=f"the group {word} is empty")
        return hosts
    if word in inventory.hosts:
        return [inventory.hosts[word]]
    matching = [host for host in inventory if fnmatch.fnmatchcase(host.name, word)]
    if not matching:
        raise InventoryError(f"{option} {word} matches no host", hint=_hint(inventory, word))
    return matching


def _hint(inventory: Inventory, word: str) -> str | None:
    if word in _RESERVED:
        return f"{word} is kept for {_RESERVED[word]}, which is not recorded yet"
    known = [*inventory.hosts, *(group for group in inventory.groups if group != ALL)]
    return did_you_mean(word, known, kind="hosts and groups")
