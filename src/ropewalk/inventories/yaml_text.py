"""Reads YAML so that every value knows its line. The one home of PyYAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import yaml

from ropewalk.inventories.node import Node
from ropewalk.model.errors import LoadError

#: Makes the value of a scalar with a tag of one's own; takes its text and its place.
Tags = Mapping[str, Callable[[str, str], Any]]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str | bytes, name: str, tags: Tags | None = None) -> Node:
    """Return what a YAML document says; an empty one says ``None``.

    :param name: what messages call it.
    :raises LoadError: it is not YAML, or has a tag that means nothing here; says where.

    >>> node = read_yaml("web:\\n  port: 80", "x.yaml")
    >>> node.value, node.entries["web"].entries["port"].line
    ({'web': {'port': 80}}, 2)
    """
    try:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
            return Node(None) if root is None else _Reader(loader, name, tags or {}).node(root)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        where = name if mark is None else f"{name}:{mark.line + 1}"
        problem = getattr(error, "problem", None) or str(error)
        raise LoadError(f"{name} is not YAML: {problem}", where=where) from error
    except UnicodeDecodeError as error:
        raise LoadError(f"{name} is not YAML: it is not UTF-8", where=name) from error


class _Reader:
    """Makes :class:`Node` of what the parser composes."""

    def __init__(self, loader: Any, name: str, tags: Tags) -> None:
        self._loader, self._name, self._tags = loader, name, tags
        self._made: dict[int, Node] = {}
        self._inside: set[int] = set()

    def node(self, node: Any) -> Node:
        """Return the value of a composed node; one that is referred to twice (``*alias``) is made once."""
        if id(node) in self._made:
            return self._made[id(node)]
        if id(node) in self._inside:
            raise LoadError(f"{self._name} contains itself", where=f"{self._name}:{node.start_mark.line + 1}")
        self._inside.add(id(node))
        made = self._made[id(node)] = self._make(node)
        self._inside.discard(id(node))
        return made

    def _make(self, node: Any) -> Node:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return self._mapping(node, line)
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            items = tuple(self.node(item) for item in node.value)
            return Node([item.value for item in items], line, items=items)
        if node.tag in self._tags and isinstance(node, yaml.ScalarNode):
            return Node(self._tags[node.tag](node.value, f"{self._name}:{line}"), line)
        return Node(self._loader.construct_object(node, deep=True), line)

    def _mapping(self, node: Any, line: int) -> Node:
        own = {key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)}
        twice = tuple(name for name in own if sum(key.value == name for key, _ in node.value) > 1 and name != "<<")
        self._loader.flatten_mapping(node)  # <<
        entries: dict[Any, Node] = {}
        for key_node, value_node in node.value:
            key = self._loader.construct_object(key_node, deep=True)
            try:
                entries[key] = replace(self.node(value_node), line=key_node.start_mark.line + 1)
            except TypeError:
                where = f"{self._name}:{key_node.start_mark.line + 1}"
                raise LoadError(f"{self._name}: a {type(key).__name__} cannot be a key", where=where) from None
        return Node({key: entry.value for key, entry in entries.items()}, line, entries=entries, twice=twice)
