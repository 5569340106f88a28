"""Groups within groups, and the hosts in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ropewalk.model.errors import LoadError
from ropewalk.model.sourced import Sourced

ALL, UNGROUPED = "all", "ungrouped"


@dataclass(slots=True)
class Group:
    """A group.

    :ivar hosts: the hosts that are named in it, each with where.
    :ivar children: the groups in it, each with where.
    :ivar variables: what the inventory itself says, without ``group_vars``.
    :ivar priority: among groups of the same depth, the higher one's variables win.
    """

    name: str
    hosts: dict[str, str] = field(default_factory=dict)
    children: dict[str, str] = field(default_factory=dict)
    variables: Sourced = field(default_factory=Sourced)
    priority: int = 1


class Tree:
    """All groups and hosts of an inventory.

    :ivar hosts: the variables that the inventory itself gives each host, in the order of the inventory.
    """

    def __init__(self) -> None:
        self.groups = {name: Group(name) for name in (ALL, UNGROUPED)}
        self.hosts: dict[str, Sourced] = {}
        self._depths: dict[str, int] = {}

    def group(self, name: str) -> Group:
        """Return the group of this name; it is made if it is not there."""
        return self.groups.setdefault(name, Group(name))

    def add_host(self, name: str, group: str, where: str) -> Sourced:
        """Put a host in a group, and return its variables."""
        self.group(group).hosts.setdefault(name, where)
        return self.hosts.setdefault(name, Sourced(where=where))

    def add_child(self, parent: str, child: str, where: str) -> None:
        """Put a group in another one.

        :raises LoadError: the other one is in the group already.
        """
        if parent == child or parent in self._below(child):
            raise LoadError(f"the group {child} contains itself, through {parent}", where=where)
        self.group(child)
        self.group(parent).children.setdefault(child, where)

    def set_variable(self, group: str, key: str, value: Any, where: str) -> None:
        """Give a group a variable; ``ansible_group_priority`` is none."""
        made = self.group(group)
        if key != "ansible_group_priority":
            made.variables.put(key, value, where)
            return
        try:
            made.priority = int(value)
        except (TypeError, ValueError):
            raise LoadError(f"ansible_group_priority of {group} is not a number: {value!r}", where=where) from None

    def finish(self) -> None:
        """Put groups without parents in ``all``, and hosts without groups in ``ungrouped``."""
        inside = {child for group in self.groups.values() for child in group.children}
        for name in self.groups:
            if name != ALL and name not in inside:
                self.groups[ALL].children.setdefault(name, "")
        grouped = {host for group in self.groups.values() if group.name not in (ALL, UNGROUPED) for host in group.hosts}
        ungrouped = self.groups[UNGROUPED].hosts
        for host, variables in self.hosts.items():
            if host in grouped:
                ungrouped.pop(host, None)
            else:
                ungrouped.setdefault(host, variables.where or "")
        self._depths = {}

    def memberships(self) -> dict[str, list[tuple[str, str]]]:
        """Return the groups of each host but ``all``, each with where it was put in; the variables of the later win."""
        found: dict[str, dict[str, str]] = {host: {} for host in self.hosts}
        for name in self.ordered():
            for host, where in self._members(name).items():
                found[host][name] = where
        return {host: list(groups.items()) for host, groups in found.items()}

    def ordered(self) -> list[str]:
        """Return all groups but ``all``, those first whose variables lose: the outer ones."""
        names = (name for name in self.groups if name != ALL)
        return sorted(names, key=lambda name: (self.depth(name), self.groups[name].priority, name))

    def depth(self, name: str) -> int:
        """Return how many groups a group is within, by the longest way."""
        if not self._depths:
            self._depths = {ALL: 0}
            self._descend(ALL, 0)
        return self._depths.get(name, 0)

    def _descend(self, name: str, depth: int) -> None:
        for child in self.groups[name].children:
            if self._depths.get(child, -1) <= depth:
                self._depths[child] = depth + 1
                self._descend(child, depth + 1)

    def _members(self, name: str) -> dict[str, str]:
        """Return the hosts in a group and in the groups within it."""
        found = dict(self.groups[name].hosts)
        for child in self._below(name):
            for host, where in self.groups[child].hosts.items():
                found.setdefault(host, where)
        return found

    def _below(self, name: str) -> list[str]:
        return list(dict.fromkeys(self._walk(name)))

    def _walk(self, name: str) -> Iterator[str]:
        if name in self.groups:
            for child in self.groups[name].children:
                yield child
                yield from self._walk(child)
