"""Reads the JSON that dynamic inventories of Ansible print.

Format: https://docs.ansible.com/ansible/latest/dev_guide/developing_inventory.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ropewalk.inventories.ansible.templates import Unsafe
from ropewalk.inventories.ansible.tree import ALL, Tree
from ropewalk.inventories.ansible.vault import Encrypted
from ropewalk.model.errors import InventoryError

_SHAPE = '{"web": {"hosts": ["web1"], "vars": {}, "children": []}, "_meta": {"hostvars": {"web1": {}}}}'


def read_listing(tree: Tree, text: str, name: str, ask: Callable[[str], str] | None = None) -> None:
    """Add what a dynamic inventory says to a tree.

    :param text: what it prints for ``--list``.
    :param name: what messages call it.
    :param ask: returns what it prints for ``--host NAME``; asked where ``--list`` says no variables of hosts.
    :raises InventoryError: it does not say an inventory.
    """
    document = _mapping(text, f"what {name} prints")
    meta = document.pop("_meta", None)
    for group, said in document.items():
        _read_group(tree, str(group), said, name)
    hostvars = None
    if meta is not None:
        hostvars = _is_mapping(_is_mapping(meta, "_meta", name).get("hostvars", {}), "_meta.hostvars", name)
    for host, variables in tree.hosts.items():
        if hostvars is not None:
            own = _is_mapping(hostvars.get(host, {}), f"what it says of {host}", name)
        else:
            own = {} if ask is None else _mapping(ask(host) or "{}", f"what {name} prints of {host}")
        for key, value in own.items():
            variables.put(str(key), _value(value, name), name)


def _read_group(tree: Tree, group: str, said: Any, name: str) -> None:
    tree.group(group)
    if isinstance(said, list):
        said = {"hosts": said}
    elif isinstance(said, Mapping) and not {"hosts", "vars", "children"} & said.keys():
        said = {"hosts": [group], "vars": said}  # the oldest form: variables of a host
    said = _is_mapping(said, f"the group {group}", name)
    for host in _names(said.get("hosts"), f"the hosts of {group}", name):
        tree.add_host(host, group, name)
    for key, value in _is_mapping(said.get("vars") or {}, f"vars of {group}", name).items():
        tree.set_variable(group, str(key), _value(value, name), name)
    for child in _names(said.get("children"), f"the children of {group}", name):
        if not (child == ALL or group == child):
            tree.add_child(group, child, name)


def _value(value: Any, name: str) -> Any:
    """Return a value without the wrappers in which Ansible passes on what is encrypted, or no template."""
    if isinstance(value, list):
        return [_value(item, name) for item in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("__ansible_unsafe", str(text))]:
            return Unsafe(text)
        case [("__ansible_vault", str(text))]:
            return Encrypted(text, name)
    return {key: _value(item, name) for key, item in value.items()}


def _names(given: Any, what: str, name: str) -> list[str]:
    if not isinstance(given, list | None) or not all(isinstance(one, str) for one in given or []):
        raise InventoryError(f"{name}: {what} are not a list of names", hint=f"as in {_SHAPE}")
    return given or []


def _is_mapping(given: Any, what: str, name: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise InventoryError(f"{name}: {what} is a {type(given).__name__}, not an object", hint=f"as in {_SHAPE}")
    return given


def _mapping(text: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InventoryError(f"{what} is not JSON: {error}", hint=f"as in {_SHAPE}") from error
    if not isinstance(found, dict):
        raise InventoryError(f"{what} is a {type(found).__name__}, not an object", hint=f"as in {_SHAPE}")
    return found
