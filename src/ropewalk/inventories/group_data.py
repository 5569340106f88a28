"""Reads group data: files named after groups, whose top-level names are the data of that group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from ropewalk.api.context import current_inventory, use
from ropewalk.api.inventory import Inventory
from ropewalk.inventories.execute import Executed, execute
from ropewalk.inventories.note import note
from ropewalk.model.errors import InventoryError, LoadError
from ropewalk.model.sourced import Sourced
from ropewalk.model.suggest import did_you_mean

DIRECTORY = "group_data"


def add_group_data(inventory: Inventory, folders: Sequence[Path], named: Sequence[str], *, cwd: Path) -> None:
    """Execute group data files and add what they say to an inventory; the later file wins.

    The files see the inventory (``from ropewalk import inventory``) without the data of other files.

    :param folders: directories to look in, which need not exist.
    :param named: files and directories that were asked for, which must.
    :raises InventoryError: one that was asked for does not exist.
    :raises LoadError: a file cannot be loaded.
    """
    files = [file for folder in {each.resolve(): each for each in folders}.values() for file in _files_in(folder)]
    files += [file for name in named for file in _files_named(name, cwd)]
    with use(current_inventory, inventory):
        found = [(file.stem, _located(execute(file, cwd=cwd))) for file in files]
    for group, data in found:
        if group not in inventory.groups:
            note("debug", f"there is group data for {group}, which is no group of the inventory")
        inventory.add_group_data(group, data)


def _files_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.glob("*.py") if file.is_file() and not file.name.startswith(("__", ".")))


def _files_named(name: str, cwd: Path) -> list[Path]:
    path = cwd / name
    if path.is_dir():
        files = _files_in(path)
        if not files:
            note("warning", f"the group data directory {name} holds no .py file")
        return files
    if not path.exists():
        near = [found.name for found in cwd.iterdir() if found.is_dir() or found.suffix == ".py"]
        hint = did_you_mean(name, near, kind="here are")
        raise InventoryError(f"there is no group data file or directory {name}", hint=hint)
    if path.suffix != ".py":
        raise InventoryError(
            f"the group data file {name} does not end in .py", hint="data of the group web is in web.py"
        )
    return [path]


def _located(executed: Executed) -> Sourced:
    """Return the data a file defines, which knows where it is written."""
    data = _data_of(executed)
    return Sourced(data, executed.shown, {name: executed.where(name) for name in data})


def _data_of(executed: Executed) -> dict[str, Any]:
    """Return the data a file defines: what ``__all__`` lists, else all but imports and ``__names``."""
    values = executed.values
    if "__all__" in values:
        return {name: values[name] for name in _listed(executed) if not name.startswith("__")}
    bindings = executed.source.bindings
    imported = {name for name, binding in bindings.items() if binding.imported}
    return {
        name: value
        for name, value in values.items()
        if not name.startswith("__") and name not in imported and not isinstance(value, ModuleType)
    }


def _listed(executed: Executed) -> Iterator[str]:
    for name in executed.values["__all__"]:
        if name not in executed.values:
            raise LoadError(f"__all__ lists {name!r}, which is not defined", where=executed.where("__all__"))
        yield name
