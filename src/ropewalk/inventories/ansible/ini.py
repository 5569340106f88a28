"""Reads INI inventories of Ansible."""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from collections.abc import Iterator
from typing import Any

from ropewalk.inventories.ansible.ranges import hosts_in
from ropewalk.inventories.ansible.tree import UNGROUPED, Tree
from ropewalk.model.errors import LoadError

_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_GROUP = re.compile(r"([^:\]\s]+)\s*(?:#.*)?")


def read_ini(tree: Tree, text: str, name: str) -> None:
    """Add what an INI inventory says to a tree.

    :param name: what messages call it.
    :raises LoadError: a line makes no sense; says which.
    """
    _Reader(tree, name).read(text)


class _Reader:
    def __init__(self, tree: Tree, name: str) -> None:
        self._tree, self._name = tree, name
        self._known = set(tree.groups)
        self._used: dict[str, str] = {}

    def read(self, text: str) -> None:
        group, kind = UNGROUPED, "hosts"
        for where, line in self._lines(text):
            if line.startswith("[") and (section := _SECTION.fullmatch(line)):
                group, kind = section[1], section[2] or "hosts"
                self._begin(group, kind, where)
            elif line.startswith("[") and ("]" not in line.split()[0] or (line.endswith("]") and " " in line)):
                raise LoadError(f"{line} is not a section", where=where, hint="as in [web], [web:vars], [web:children]")
            else:
                self._line(group, kind, line, where)
        for group, where in self._used.items():
            if group not in self._known:
                raise LoadError(f"there is no group {group}", where=where, hint=f"it needs a section [{group}]")

    def _lines(self, text: str) -> Iterator[tuple[str, str]]:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and line.strip()[0] not in "#;":
                yield f"{self._name}:{number}", line.strip()

    def _begin(self, group: str, kind: str, where: str) -> None:
        if kind not in ("hosts", "vars", "children"):
            raise LoadError(f"[{group}:{kind}] is not a section", where=where, hint="there are :vars and :children")
        if kind == "vars":
            self._used.setdefault(group, where)
        else:
            self._known.add(group)
            self._tree.group(group)

    def _line(self, group: str, kind: str, line: str, where: str) -> None:
        if kind == "hosts":
            self._host(group, line, where)
        elif kind == "children":
            child = _GROUP.fullmatch(line)
            if child is None:
                raise LoadError(f"{line} is not the name of a group", where=where)
            self._used.setdefault(child[1], where)
            self._tree.add_child(group, child[1], where)
        else:
            key, equals, value = (part.strip() for part in line.partition("="))
            if not equals:
                raise LoadError(f"{key} is not key=value", where=where)
            self._tree.set_variable(group, key, value_of(value), where)

    def _host(self, group: str, line: str, where: str) -> None:
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            raise LoadError(f"the line cannot be divided into words: {error}", where=where) from None
        names, port = hosts_in(words[0], where)
        variables: dict[str, Any] = {} if port is None else {"ansible_port": port}
        for word in words[1:]:
            key, equals, value = word.partition("=")
            if not equals:
                raise LoadError(f"behind the name of a host there is no key=value but {key}", where=where)
            variables[key] = value_of(value)
        for name in names:
            own = self._tree.add_host(name, group, where)
            for key, value in variables.items():
                own.put(key, value, where)


def value_of(text: str) -> Any:
    """Return the value that an INI inventory's text means: what Python calls it, else the text itself.

    >>> [value_of(text) for text in ("80", "True", "[1, 2]", "yes", "0644", "'80'")]
    [80, True, [1, 2], 'yes', '0644', '80']
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return _plain(ast.literal_eval(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, tuple | list | set):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    return value
