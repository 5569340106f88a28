"""Where hosts and data are written in a Python file, as far as they are written out there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import field

from ropewalk.model.record import record


@record
class Lines:
    """The lines of what a group is made of; what is computed has none.

    :ivar hosts: the line of each host.
    :ivar host_data: the lines of the data of hosts, by host and name.
    :ivar data: the lines of the group's data.
    """

    hosts: Mapping[str, int] = field(default_factory=dict)
    host_data: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    data: Mapping[str, int] = field(default_factory=dict)


def lines_of(tree: ast.Module, name: str) -> Lines:
    """Return the lines of the group that the last top-level assignment to a name writes out.

    >>> lines_of(ast.parse('web = [\\n  "web1",\\n  ("web2", {"port": 81}),\\n]'), "web")
    Lines(hosts={'web1': 2, 'web2': 3}, host_data={'web2': {'port': 3}}, data={})
    """
    value = _assigned(tree, name)
    hosts, data = value, None
    if isinstance(value, ast.Tuple) and len(value.elts) == 2 and isinstance(value.elts[1], ast.Dict):
        hosts, data = value.elts
    entries = list(_entries(hosts))
    return Lines(
        {host: line for host, line, _ in entries},
        {host: _keys(own) for host, _, own in entries if own is not None},
        _keys(data),
    )


def _assigned(tree: ast.Module, name: str) -> ast.expr | None:
    for statement in reversed(tree.body):
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return statement.value
    return None


def _entries(hosts: ast.expr | None) -> Iterator[tuple[str, int, ast.expr | None]]:
    for element in hosts.elts if isinstance(hosts, ast.List | ast.Tuple) else []:
        name, data = element, None
        if isinstance(element, ast.Tuple) and len(element.elts) == 2:
            name, data = element.elts
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            yield name.value, name.lineno, data


def _keys(data: ast.expr | None) -> dict[str, int]:
    if not isinstance(data, ast.Dict):
        return {}
    return {key.value: key.lineno for key in data.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
