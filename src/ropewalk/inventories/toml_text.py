"""Reads TOML so that most values know their line: ``tomllib`` itself says none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from ropewalk.inventories.node import Node
from ropewalk.model.errors import LoadError

_Path = tuple[str, ...]
_KEY = re.compile(r"""\s*((?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*'))*)\s*=""")
_TABLE = re.compile(r"\s*\[([^\[\]].*?)\]\s*(?:#.*)?")


def read_toml(text: str, name: str) -> Node:
    """Return what a TOML document says. Values inside a value (``{...}``, ``[...]``) have the line of that one.

    :param name: what messages call it.
    :raises LoadError: it is not TOML; says where.

    >>> node = read_toml("[web]\\nport = 80", "x.toml")
    >>> node.value, node.entries["web"].entries["port"].line
    ({'web': {'port': 80}}, 2)
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{name}:{line[1]}" if line else f"{name}:{text.count(chr(10)) + 1}"
        raise LoadError(f"{name} is not TOML: {error}", where=where) from error
    return _node(document, (), dict(_lines(text)), 1)


def _node(value: Any, path: _Path, lines: Mapping[_Path, int], above: int) -> Node:
    line = lines.get(path, above)
    if isinstance(value, dict):
        return Node(value, line, {key: _node(inner, (*path, key), lines, line) for key, inner in value.items()})
    if isinstance(value, list):
        return Node(value, line, items=tuple(_node(inner, (*path, ""), {}, line) for inner in value))
    return Node(value, line)


def _lines(text: str) -> Iterator[tuple[_Path, int]]:
    """Yield the keys that begin a line, each with that line; not those within values of several lines."""
    table: _Path = ()
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if header := _TABLE.fullmatch(line):
            table = _path(header[1])
            yield from ((table[: depth + 1], number) for depth in range(len(table)))
        elif key := _KEY.match(line):
            path = (*table, *_path(key[1]))
            yield path, number
            began = number - 1
            while number < len(lines) and not _is_whole("\n".join(lines[began:number])):
                number = _next_end(lines, number)


def _path(text: str) -> _Path:
    """Return the names that a dotted key is made of."""
    found: list[str] = []
    tree: Any = tomllib.loads(f"{text} = 0")
    while isinstance(tree, dict):
        [(name, tree)] = tree.items()
        found.append(name)
    return tuple(found)


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _next_end(lines: list[str], number: int) -> int:
    """Return the number of the next line that a value of several lines may end with."""
    while number < len(lines):
        number += 1
        if re.search(r"""[\]}"'][^\]}"',]*$""", lines[number - 1]):
            break
    return number
