"""Finds out what the inventory argument of the command line is, and loads the inventory it names."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ropewalk.api.addresses import GroupEntry
from ropewalk.api.inventory import ALL, Inventory
from ropewalk.inventories.execute import Executed, execute, loading, shorten
from ropewalk.inventories.group_data import DIRECTORY, add_group_data
from ropewalk.inventories.groups import groups_of, ignored_in, located_at
from ropewalk.inventories.module import groups_from_module
from ropewalk.inventories.note import note
from ropewalk.inventories.program import is_program
from ropewalk.model.errors import InventoryError, LoadError
from ropewalk.model.sourced import Sourced
from ropewalk.model.suggest import did_you_mean

#: Endings of inventories that are documents.
ENDINGS = (".yaml", ".yml", ".toml")


def load_inventory(
    argument: str,
    *,
    cwd: str | Path,
    group_data: Sequence[str] = (),
    override: Mapping[str, Any] | None = None,
) -> Inventory:
    """Load the inventory that an argument names.

    The argument is, whichever fits first: an existing file; hosts separated by commas, which may be
    ``@connector/address``; a module's attribute (``module.attribute``, ``module:attribute``); one host.

    A file is YAML or TOML by its ending, a program that prints Ansible's JSON by its rights (never ``*.py``), else
    Python.

    Group data is read from ``group_data/`` in the working directory and beside the inventory file (not for
    modules, as in v3), then from what ``group_data`` names.

    :param group_data: files and directories of group data (``--group-data``).
    :param override: data that wins over every other (``--data``).
    :raises InventoryError: nothing fits, or there is no host in it.
    :raises LoadError: a file or module cannot be loaded.

    >>> [host.name for host in load_inventory("web1,web2", cwd="/")]
    ['web1', 'web2']
    """
    here = Path(cwd).absolute()
    with contextlib.chdir(here) if here != Path.cwd() else contextlib.nullcontext():  # sources of hosts look around
        return _load(argument, here, group_data, override or {})


def _load(argument: str, here: Path, group_data: Sequence[str], override: Mapping[str, Any]) -> Inventory:
    path = here / argument
    folders = [here / DIRECTORY]
    if os.path.exists(path) and not path.is_dir():  # Path.exists raises for a long list of hosts
        inventory = _from_path(path, argument, here, override)
        folders.append(path.parent / DIRECTORY)
    else:
        groups = None if _is_hosts(argument, override) else groups_from_module(argument, cwd=here)
        folders = folders if groups is None else []
        groups = groups and {name: located_at(argument, group) for name, group in groups.items()}
        groups = groups if groups is not None else {ALL: (_typed(_hosts(argument, here, override)), {})}
        inventory = Inventory.of(groups, override)
    if not len(inventory):
        raise InventoryError(f"there is no host in the inventory {argument!r}")
    add_group_data(inventory, folders, group_data, cwd=here)
    return inventory


def _from_path(path: Path, argument: str, cwd: Path, override: Mapping[str, Any]) -> Inventory:
    """Return the inventory of a file of any kind."""
    if path.suffix in ENDINGS:
        from ropewalk.inventories.document import groups_from_document  # PyYAML takes its time

        groups = groups_from_document(path, shorten(path, cwd))
        _add_own_group(groups, path)
        with loading(argument, cwd=cwd, file=argument):
            return Inventory.of(groups, override)
    if path.suffix != ".py" and is_program(path):
        address = f"@ansible/{path}"
        return Inventory.of({ALL: ([(address, Sourced(where=shorten(path, cwd)))], {})}, override)
    try:
        return _from_file(execute(path, cwd=cwd), override)
    except LoadError as error:
        if path.suffix != ".py":
            error.hint = f"the file is executed as Python; an inventory of Ansible is @ansible/{argument}"
        raise


def _typed(names: Sequence[str]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, Sourced(where="the command line")) for name in names]


def _from_file(executed: Executed, override: Mapping[str, Any]) -> Inventory:
    """Return the inventory of a file; all its hosts are also in a group named after it."""
    groups = groups_of(executed)
    _add_own_group(groups, executed.path)
    with loading(executed.shown, cwd=executed.path.parent, file=executed.shown):
        inventory = Inventory.of(groups, override)
    if not len(inventory):
        ignored = ignored_in(executed)
        raise InventoryError(
            f"there is no host in the inventory {executed.shown}",
            hint=_without_hosts(executed, ignored),
        )
    return inventory


def _add_own_group(groups: dict[str, GroupEntry], path: Path) -> None:
    """Put all hosts in a group that is named after the file."""
    if path.stem not in groups:
        found: dict[str, str | None] = {}
        for name, where in (entry for group in _all_first(groups) for entry in _placed(groups[group])):
            found.setdefault(name, where)
        groups[path.stem] = ([(name, Sourced(where=where)) for name, where in found.items()], {})


def _without_hosts(executed: Executed, ignored: Sequence[str]) -> str:
    if is_program(executed.path):
        return f"if it prints the JSON of Ansible's dynamic inventories: @ansible/{executed.shown}"
    if ignored:
        return f"only lists are groups of hosts; ignored: {', '.join(ignored)}"
    return 'a top-level list is a group of hosts, as in: web = ["web1", "web2"]'


def _all_first(groups: Mapping[str, GroupEntry]) -> list[str]:
    return sorted(groups, key=lambda name: name != ALL)


def _placed(group: GroupEntry) -> list[tuple[str, str | None]]:
    """Return the names of a group's hosts, each with where it is written."""
    pairs = [(entry, {}) if isinstance(entry, str) else entry for entry in group[0]]
    return [(name, data.where if isinstance(data, Sourced) else None) for name, data in pairs]


def _is_hosts(argument: str, override: Mapping[str, Any]) -> bool:
    """Say whether an argument can only be hosts; with an address in ``--data`` any name is one."""
    return "," in argument or "@" in argument or "ssh_hostname" in override


def _hosts(argument: str, cwd: Path, override: Mapping[str, Any]) -> list[str]:
    names = [name.strip() for name in argument.split(",") if name.strip()]
    for name in names:
        if not name.startswith("@") and "ssh_hostname" not in override:
            _check_is_host(name, cwd, alone=name == argument)
    return names


def _check_is_host(name: str, cwd: Path, *, alone: bool) -> None:
    """Raise for a word that was meant to be a file.

    Whether a host of this name exists is for its connection to find out: names that only ``~/.ssh/config`` or a jump
    host can resolve are good names, and one that nobody can resolve is an unreachable host.
    """
    if name.endswith((".py", *ENDINGS)) or "/" in name:
        raise _not_a_file(name, cwd / name)
    if alone and (cwd / name).is_dir():
        hint = f"the host of that name is @ssh/{name}, an inventory of Ansible is @ansible/{name}"
        raise InventoryError(f"the inventory {name} is a directory", hint=hint)
    if re.fullmatch(r"[^:]+:\d+", name):
        address, _, port = name.partition(":")
        raise InventoryError(f"{name} is not the name of a host", hint=f"{address} with --data ssh_port={port}")
    if alone and (cwd / f"{name}.py").is_file():
        note("info", f"{name} is taken as the name of a host, not as the file {name}.py")


def _not_a_file(name: str, path: Path) -> InventoryError:
    if path.is_dir():
        hint = f"name a file in it; an inventory of Ansible is @ansible/{name}"
        return InventoryError(f"the inventory {name} is a directory", hint=hint)
    if path.exists():
        return InventoryError(f"the inventory file {name} is in a list of hosts", hint="give either one file or hosts")
    files = [file.name for ending in (".py", *ENDINGS) for file in path.parent.glob(f"*{ending}")]
    meant = did_you_mean(path.name, files, kind="files there")
    return InventoryError(f"there is no inventory file {name}", hint=meant)
