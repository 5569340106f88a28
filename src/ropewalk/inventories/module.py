"""Hosts from a Python module: ``module.attribute`` or ``module:attribute``."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Mapping
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from ropewalk.api.addresses import GroupEntry
from ropewalk.api.inventory import ALL
from ropewalk.inventories.bindings import Source
from ropewalk.inventories.execute import loading, working_in
from ropewalk.inventories.groups import as_group
from ropewalk.model.errors import InventoryError
from ropewalk.model.suggest import did_you_mean

_ADDRESS = re.compile(r"(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?P<by>[.:])(?P<attribute>[^\W\d]\w*)")


def groups_from_module(argument: str, *, cwd: Path) -> dict[str, GroupEntry] | None:
    """Return the groups that a module's attribute holds; ``None`` if the argument does not name one.

    The attribute is a mapping of groups by name, a list of hosts, or a function that returns either. Modules of
    Python's own library are not looked at: ``code.org`` is a host.

    Nor is a module imported before it is known to have the attribute, where a host of that name is possible.

    :raises LoadError: the module or the function raises.
    :raises InventoryError: ``module:attribute`` does not exist, or the attribute holds no groups.
    """
    address = _ADDRESS.fullmatch(argument)
    if address is None:
        return None
    module, name = address["module"], address["attribute"]
    with loading(argument, cwd=cwd), working_in(cwd):
        value = _attribute(module, name, certain=address["by"] == ":")
        if value is None or isinstance(value, ModuleType):
            return None
        return _groups(value() if callable(value) else value, argument)


def _attribute(module: str, name: str, *, certain: bool) -> Any:
    """Return a module's attribute. If it is not there: an error where a module is ``certain``ly meant, else None."""
    spec = _find(module)
    if spec is None and certain:
        raise InventoryError(f"there is no module {module}", hint="modules are looked for in the working directory")
    if spec is None or not (certain or _has(spec, name)):
        return None
    found = importlib.import_module(module)
    value = getattr(found, name, None)
    if value is None and certain:
        hint = did_you_mean(name, (key for key in vars(found) if not key.startswith("_")), kind="it has")
        raise InventoryError(f"the module {module} has no {name}", hint=hint)
    return value


def _find(module: str) -> ModuleSpec | None:
    """Find a module without importing anything, not even the packages it is in."""
    top, *inner = module.split(".")
    if top in sys.stdlib_module_names:
        return None
    importlib.invalidate_caches()
    spec = importlib.util.find_spec(top)
    for depth in range(len(inner)):
        if spec is None or spec.submodule_search_locations is None:
            return None
        spec = PathFinder.find_spec(".".join([top, *inner[: depth + 1]]), spec.submodule_search_locations)
    return spec


def _has(spec: ModuleSpec, name: str) -> bool:
    """Say whether a module may have an attribute, from its text."""
    if not isinstance(spec.loader, SourceFileLoader):
        return False
    source = Source.parse(Path(spec.loader.path).read_bytes(), spec.loader.path)
    return source.dynamic or name in source.bindings


def _groups(value: Any, argument: str) -> dict[str, GroupEntry]:
    if isinstance(value, Mapping):
        return {str(name): _group(group, of=f"the group {name} of {argument}") for name, group in value.items()}
    if isinstance(value, list | tuple):
        return {ALL: as_group(list(value), of=argument)}
    raise InventoryError(
        f"{argument} is a {type(value).__name__}, not hosts",
        hint='it must be, or return, a list of hosts or {"group": [hosts]}',
    )


def _group(value: Any, *, of: str) -> GroupEntry:
    if not isinstance(value, list | tuple):
        raise InventoryError(f"{of} is a {type(value).__name__}, not a list of hosts")
    return as_group(value, of=of)
