"""Chooses hosts of an inventory: ``--limit`` and ``--exclude``."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Sequence

from ropewalk.api.host import Host
from ropewalk.api.inventory import ALL, Inventory
from ropewalk.inventories.note import note
from ropewalk.model.errors import InventoryError
from ropewalk.model.suggest import did_you_mean

#: Returns a run and the hosts that did not end well in it; takes its id, or ``last``.
Failed = Callable[[str], tuple[str, Sequence[str]]]

#: The word that stands for the hosts that did not end well in the last run; ``@failed:RUN``: in that run.
FAILED = "@failed"


def select(
    inventory: Inventory,
    limit: Sequence[str],
    exclude: Sequence[str],
    *,
    failed: Failed | None = None,
    only_failed: str | None = None,
) -> list[Host]:
    """Return the hosts to work on, in inventory order.

    A word is the name of a group, the name of a host, or a pattern of host names (``web*``, ``db[12]``); several
    can be joined by commas. ``@failed`` stands for the hosts that did not end well in the last run.

    :param limit: words for what to take; none: every host.
    :param exclude: words for what to leave out of it.
    :param failed: knows what became of earlier runs.
    :param only_failed: take only hosts that did not end well in this run.
    :raises InventoryError: a word matches nothing, or nothing is left.

    >>> inventory = Inventory((["web1", "web2", "db1"], {}))
    >>> select(inventory, ["web*", "db1"], ["web2"])
    [Host(web1), Host(db1)]
    """
    taken = _matching(inventory, limit, "--limit", failed) if limit else set(inventory)
    left_out = _matching(inventory, exclude, "--exclude", failed)
    if only_failed is not None and failed is not None:
        taken &= set(_not_well(inventory, only_failed, failed))
    chosen = [host for host in inventory if host in taken and host not in left_out]
    if not chosen:
        why = "the inventory is empty"
        if only_failed is not None:
            why = "no host that failed is among those of --limit and --exclude"
        elif exclude:
            why = f"--exclude {','.join(exclude)} leaves out every host"
        raise InventoryError("no host is left to work on", hint=why)
    return chosen


def _matching(inventory: Inventory, words: Sequence[str], option: str, failed: Failed | None) -> set[Host]:
    return {host for word in _words(words, option) for host in _hosts(inventory, word, option, failed)}


def _not_well(inventory: Inventory, run: str, failed: Failed) -> list[Host]:
    """Return the hosts that did not end well in a run."""
    id, names = failed(run)
    missing = [name for name in names if name not in inventory.hosts]
    if len(missing) == len(names):
        raise InventoryError(f"none of the hosts that failed in run {id} is in the inventory", hint=", ".join(names))
    if missing:
        note("warning", f"not in the inventory: {', '.join(missing)}, which failed in run {id}")
    return [inventory.hosts[name] for name in names if name in inventory.hosts]


def _words(given: Sequence[str], option: str) -> Iterator[str]:
    for text in given:
        words = [word.strip() for word in text.split(",") if word.strip()]
        if not words:
            raise InventoryError(f"{option} {text!r} names no host")
        yield from words


def _hosts(inventory: Inventory, word: str, option: str, failed: Failed | None) -> list[Host]:
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
    if failed is not None and (word == FAILED or word.startswith(f"{FAILED}:")):
        return _not_well(inventory, word.partition(":")[2] or "last", failed)
    matching = [host for host in inventory if fnmatch.fnmatchcase(host.name, word)]
    if not matching:
        raise InventoryError(f"{option} {word} matches no host", hint=_hint(inventory, word))
    return matching


def _hint(inventory: Inventory, word: str) -> str | None:
    known = [*inventory.hosts, *(group for group in inventory.groups if group != ALL)]
    return did_you_mean(word, known, kind="hosts and groups")
