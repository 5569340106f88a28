"""Inventories that are data: ``inventory.yaml`` and ``inventory.toml``. ``docs/schema/inventory.json`` describes them.

::

    data: {ntp: ntp.example.com}            # of every host
    hosts:
      web1: {http_port: 8080}
    groups:
      web:
        hosts: [web1, web2]                 # or a mapping: {web2: {http_port: 81}}
        data: {tls: true}
      site:
        children: [web]
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ropewalk.api.addresses import GroupEntry, HostEntry, named
from ropewalk.api.inventory import ALL
from ropewalk.inventories.node import Node
from ropewalk.model.errors import InventoryError, LoadError
from ropewalk.model.sourced import Sourced
from ropewalk.model.suggest import did_you_mean

#: What a document and a group may hold.
PARTS = ("hosts", "groups", "data")
GROUP_PARTS = ("hosts", "data", "children")


def groups_from_document(path: Path, name: str) -> dict[str, GroupEntry]:
    """Return the groups of an inventory that is YAML or TOML; ``all`` is among them.

    Groups with ``children`` come before these: what the inner group says of a host wins.

    :param name: what messages call the file.
    :raises LoadError: it is not YAML or TOML.
    :raises InventoryError: it says something that is no inventory; says where.
    """
    return groups_in(parse(path, name), name)


def groups_in(document: Node, name: str) -> dict[str, GroupEntry]:
    """Return the groups of an inventory that has been parsed; see :func:`groups_from_document`.

    :raises InventoryError: it says something that is no inventory; says where.
    """
    return _Reader(name).read(document)


def parse(path: Path, name: str) -> Node:
    """Return what a YAML or TOML file says.

    :raises LoadError: it cannot be read, or is neither.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LoadError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}", where=name) from error
    if path.suffix == ".toml":
        from ropewalk.inventories.toml_text import read_toml

        return read_toml(text, name)
    from ropewalk.inventories.yaml_text import read_yaml

    return read_yaml(text, name)


class _Reader:
    def __init__(self, name: str) -> None:
        self._name = name

    def read(self, document: Node) -> dict[str, GroupEntry]:
        self._mapping(document, "an inventory")
        self._known(document, PARTS, "an inventory")
        groups = {str(name): node for name, node in self._part(document, "groups").items()}
        members = {name: self._hosts(node, f"the group {name}") for name, node in groups.items()}
        children = {name: self._children(name, node, groups) for name, node in groups.items()}
        found: dict[str, GroupEntry] = {ALL: (self._hosts(document, "hosts"), self._data(document))}
        for name in self._outer_first(groups, children):
            found[name] = (self._all_in(name, members, children), self._data(groups[name]))
        return found

    # -- parts ------------------------------------------------------------------------------------------

    def _hosts(self, node: Node, of: str) -> list[HostEntry]:
        """Return the hosts that stand in a list, or in a mapping with their data."""
        given = node.entries.get("hosts")
        if given is None or given.value is None:
            return []
        if isinstance(given.value, Mapping):
            return [self._host(name, entry, of) for name, entry in given.entries.items()]
        if not isinstance(given.value, list):
            raise self._error(given, f"hosts of {of} is a {_kind(given)}", 'a list of names, or {"web1": {"port": 80}}')
        return [self._host(item.value, Node(None, item.line), of) for item in given.items]

    def _host(self, name: Any, node: Node, of: str) -> HostEntry:
        if not isinstance(node.value, Mapping | None):
            raise self._error(node, f"the data of {name} is a {_kind(node)}", 'data is a mapping: {"port": 80}')
        if not isinstance(name, str):
            raise self._error(node, f"{name!r} is not a host", f'write "{name}", if that is its name')
        data = self._sourced(node)
        try:
            return named((name, data), of=of)
        except InventoryError as error:
            error.where = self._place(node)
            raise

    def _data(self, node: Node) -> Sourced:
        given = node.entries.get("data")
        if given is not None and not isinstance(given.value, Mapping | None):
            raise self._error(given, f"data is a {_kind(given)}", 'data is a mapping: {"port": 80}')
        return Sourced(where=self._place(node)) if given is None else self._sourced(given)

    def _sourced(self, node: Node) -> Sourced:
        made = Sourced(where=self._place(node))
        for key, entry in node.entries.items():
            if not isinstance(key, str):
                raise self._error(entry, f"the name {key!r} of data is no text", f'write "{key}"')
            made.put(key, entry.value, self._place(entry))
        return made

    def _children(self, name: str, node: Node, groups: Mapping[str, Node]) -> dict[str, str]:
        self._mapping(node, f"the group {name}")
        self._known(node, GROUP_PARTS, f"the group {name}")
        given = node.entries.get("children", Node(None))
        if not isinstance(given.value, list | None):
            raise self._error(given, f"children of the group {name} is a {_kind(given)}", "a list of names of groups")
        for item in given.items:
            if item.value not in groups:
                hint = did_you_mean(str(item.value), groups, kind="groups")
                raise self._error(item, f"there is no group {item.value}, which {name} has as a child", hint)
        return {item.value: self._place(item) for item in given.items}

    # -- groups within groups ---------------------------------------------------------------------------

    def _outer_first(self, groups: Mapping[str, Node], children: Mapping[str, Mapping[str, str]]) -> list[str]:
        """Return the groups, each behind those it is in, else in the order of the file."""
        if ALL in groups:
            raise self._error(groups[ALL], "every host is in the group all", "its data is data at the top of the file")
        left, found = list(groups), []
        while left:
            inner = {child for name in left for child in children[name]}
            ready = next((name for name in left if name not in inner), None)
            if ready is None:
                raise self._error(groups[left[0]], f"the group {left[0]} contains itself", "see its children")
            left.remove(ready)
            found.append(ready)
        return found

    def _all_in(
        self, name: str, members: Mapping[str, list[HostEntry]], children: Mapping[str, Mapping[str, str]]
    ) -> list[HostEntry]:
        """Return the hosts of a group and of the groups in it; only the group itself gives them data."""
        found = dict(map(_pair, members[name]))
        for child in children[name]:
            for host, data in map(_pair, self._all_in(child, members, children)):
                found.setdefault(host, Sourced(where=data.where if isinstance(data, Sourced) else None))
        return list(found.items())

    # -- errors -----------------------------------------------------------------------------------------

    def _part(self, node: Node, part: str) -> Mapping[Any, Node]:
        given = node.entries.get(part)
        if given is not None and not isinstance(given.value, Mapping | None):
            raise self._error(given, f"{part} is a {_kind(given)}", f"{part} is a mapping")
        return {} if given is None else given.entries

    def _mapping(self, node: Node, what: str) -> None:
        if not isinstance(node.value, Mapping):
            raise self._error(node, f"{what} is a {_kind(node)}", "it is a mapping; see docs/schema/inventory.json")

    def _known(self, node: Node, parts: tuple[str, ...], what: str) -> None:
        for key, entry in node.entries.items():
            if key in parts:
                continue
            hint = did_you_mean(str(key), parts, kind=f"{what} has")
            if what == "an inventory" and {"hosts", "children", "vars"} & entry.entries.keys():
                hint = f"groups stand under groups:, and an inventory of Ansible is @ansible/{self._name}"
            raise self._error(entry, f"{key} is no part of {what}", hint)
        for key in node.twice:
            raise self._error(node.entries[key], f"{what} has {key} twice", None)

    def _error(self, node: Node, message: str, hint: str | None) -> InventoryError:
        return InventoryError(f"{self._name}: {message}", hint=hint, where=self._place(node))

    def _place(self, node: Node) -> str:
        return f"{self._name}:{node.line}" if node.line else self._name


def _pair(entry: HostEntry) -> tuple[str, Mapping[str, Any]]:
    return entry if isinstance(entry, tuple) else (entry, {})


def _kind(node: Node) -> str:
    names = {"NoneType": "nothing", "str": "text", "int": "number", "float": "number", "dict": "mapping"}
    kind = type(node.value).__name__
    return names.get(kind, kind)
