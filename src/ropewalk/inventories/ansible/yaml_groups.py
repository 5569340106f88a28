"""Reads YAML inventories of Ansible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropewalk.inventories.ansible.ranges import hosts_in
from ropewalk.inventories.ansible.tree import Tree
from ropewalk.inventories.node import Node
from ropewalk.inventories.note import note
from ropewalk.model.errors import LoadError

_PARTS = ("vars", "children", "hosts")


def read_groups(tree: Tree, document: Node, name: str) -> None:
    """Add what a YAML inventory says to a tree.

    :param document: the file, parsed.
    :param name: what messages call it.
    :raises LoadError: it is no inventory, or configures a plugin of Ansible.
    """
    if not isinstance(document.value, Mapping):
        raise LoadError(f"{name} is not an inventory", where=name, hint="it maps groups to hosts, vars and children")
    if "plugin" in document.entries:
        where = f"{name}:{document.entries['plugin'].line}"
        raise LoadError(
            f"{name} configures the inventory plugin {document.value['plugin']} of Ansible", where=where,
            hint=f"let Ansible read it: @ansible-inventory/{name}",
        )  # fmt: skip
    for group, node in document.entries.items():
        _read_group(tree, str(group), node, name)


def _read_group(tree: Tree, group: str, node: Node, name: str) -> None:
    where = f"{name}:{node.line}"
    tree.group(group)
    if node.value is None:
        return
    if not isinstance(node.value, Mapping):
        raise LoadError(f"the group {group} is not a mapping", where=where, hint="of hosts, vars and children")
    for part, entry in node.entries.items():
        if part not in _PARTS:
            note("warning", f"{name}:{entry.line}: {part} of the group {group} means nothing: ignored")
    for key, entry in _part(node, "vars", name).items():
        tree.set_variable(group, str(key), entry.value, f"{name}:{entry.line}")
    for child, entry in _part(node, "children", name).items():
        _read_group(tree, str(child), entry, name)
        tree.add_child(group, str(child), f"{name}:{entry.line}")
    for pattern, entry in _part(node, "hosts", name).items():
        _read_hosts(tree, group, str(pattern), entry, name)


def _part(node: Node, part: str, name: str) -> Mapping[Any, Node]:
    entry = node.entries.get(part)
    if entry is None or entry.value is None:
        return {}
    if isinstance(entry.value, str):  # a single one
        return {entry.value: Node(None, entry.line)}
    if not isinstance(entry.value, Mapping):
        raise LoadError(
            f"{part} is a {type(entry.value).__name__}, not a mapping", where=f"{name}:{entry.line}",
            hint="each name ends with a colon: 'web1:'",
        )  # fmt: skip
    return entry.entries


def _read_hosts(tree: Tree, group: str, pattern: str, node: Node, name: str) -> None:
    where = f"{name}:{node.line}"
    names, port = hosts_in(pattern, where)
    if not isinstance(node.value, Mapping | None):
        raise LoadError(f"the variables of {pattern} are a {type(node.value).__name__}, not a mapping", where=where)
    for host in names:
        own = tree.add_host(host, group, where)
        if port is not None:
            own.put("ansible_port", port, where)
        for key, entry in node.entries.items():
            own.put(str(key), entry.value, f"{name}:{entry.line}")
