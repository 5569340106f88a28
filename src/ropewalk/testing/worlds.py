"""Hosts that are made up: what would an operation run where nothing is there yet, or where all is there?

The facts of such a host are their defaults, or the values that their docstrings show. That is enough to see which
commands an operation makes; whether these do the right thing is for tests with facts of their own (``evaluate``).
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ropewalk.api.fact import FactBase
from ropewalk.model.errors import OperationError


class AllKeys(dict[Any, Any]):
    """Has every key, always with the same value."""

    def __init__(self, value: Any) -> None:
        super().__init__({"one": value})
        self._value = value

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: Any) -> Any:
        return self._value

    def get(self, key: Any, default: Any = None) -> Any:
        return self._value


class _Member(list[Any]):
    """A list that has every member."""

    def __contains__(self, member: object) -> bool:
        return True


_ENTRY = {"mode": 644, "user": "root", "group": "root", "size": 1, "mtime": datetime(2026, 1, 1), "atime": None}
_RUNNING = {"State": {"Running": True}, "Config": {"Image": "app", "Env": [], "Cmd": []}, "HostConfig": {},
            "Mounts": [], "NetworkSettings": {"Networks": {}}, "Id": "4f66ad9a0b2e", "Name": "/web", "Driver": "bridge",
            "IPAM": {"Config": [{"Subnet": "10.9.0.0/24"}]}}  # fmt: skip
#: What facts are on every such host: programs are there.
_ALWAYS = {
    "Which": "/usr/bin/program", "Os": "Linux", "PipxEnvironment": {"PIPX_BIN_DIR": "/root/.local/bin"},
    "UvToolBinDir": "/root/.local/bin", "IptablesHasTarget": True, "OfferedHostKeys": ["example ssh-ed25519 AAAA"],
    "OfferedKeys": {"F" * 40: b"key"}, "OfferedKeyFile": b"key", "IsDearmored": False, "IptablesRule": False,
    "PostgresPasswords": {}, "SEPortRecords": {}, "MysqlDatabases": {"x": {}}, "MysqlUsers": {"x": {}},
}  # fmt: skip
#: What they are where nothing is there, but their defaults would say that a program is missing, too.
_EMPTY: dict[str, Any] = {
    "PostgresRoles": {"postgres": {}}, "PostgresDatabases": {"postgres": {}}, "SEBoolean": "off",
    "OpenvzContainers": {},
}  # fmt: skip
#: What they are where all is there, and the examples in their docstrings do not do.
_FULL: dict[str, Any] = {
    "File": _ENTRY, "Directory": None, "DockerContainer": [_RUNNING], "DockerNetwork": [_RUNNING],
    "Keyrings": AllKeys({"F" * 40: b"key"}), "FileContext": {"user": "u", "role": "r", "type": "t", "level": "s0"},
    "Accounts": AllKeys({"uid": 1, "gid": 1, "home": "/home/a", "shell": "/bin/sh", "group": "a", "groups": [],
                      "comment": "", "locked": False, "password": "x", "lastchange": 1}),
    "AptListsAge": 5, "OpenvzContainers": {101: {"status": "stopped", "hostname": "x"}},
}  # fmt: skip


@dataclass
class World:
    """The facts of a host that is made up; operations are evaluated there with ``steps_of``.

    :ivar there: everything that is asked about is there, and paths are ``files`` or ``directories``; or there is
        nothing (``None``).
    :ivar directories: paths that are directories where nothing else is there.
    :ivar files: paths that are files where nothing else is there.
    :ivar facts: values of facts that are known better, by the names of their classes; where one is an exception, it
        is raised, and a function is called with the fact's arguments.

    ::

        with_nothing = steps_of(apt.packages, World(None), packages=["vim"])
    """

    there: Literal["files", "directories"] | None
    directories: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    facts: Mapping[str, Any] = field(default_factory=dict)
    planning: bool = True
    connected: bool = True

    def get_fact(self, fact: type[FactBase[Any]], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        name = fact.__name__
        if name in self.facts:
            return self._known(self.facts[name], kwargs)
        if name in _ALWAYS:
            return _ALWAYS[name]
        if self.there is None:
            return self._nothing(fact, kwargs.get("path"))
        if self.there == "directories" and name in ("File", "Directory"):
            name = "Directory" if name == "File" else "File"
        return _FULL[name] if name in _FULL else _shown(fact)

    def _known(self, value: Any, kwargs: Mapping[str, Any]) -> Any:
        if isinstance(value, Exception):
            raise value
        return value(**kwargs) if callable(value) else value

    def _nothing(self, fact: type[FactBase[Any]], path: Any) -> Any:
        name = fact.__name__
        if path in self.directories and name in ("Kind", "Directory", "File", "Link"):
            return {"Kind": "directory", "Directory": _ENTRY}.get(name, False)
        if path in self.files and name in ("Kind", "Directory", "File", "Link"):
            return {"Kind": "other", "File": _ENTRY}.get(name, False)
        return _EMPTY[name] if name in _EMPTY else fact().default()

    def running_arguments(self) -> Mapping[str, Any]:
        return {}

    def will_read(self, facts: Sequence[Any]) -> None:
        pass

    def catch_up(self) -> None:
        pass

    def blocking(self, function: Callable[[], Any], *, reads: bool = False) -> Any:
        raise OperationError("this needs something of the machine it runs on, which is not made up")

    def noop(self, reason: str) -> None:
        pass


def _shown(fact: type[FactBase[Any]]) -> Any:
    """Return the value that the docstring of a fact shows: for every key, with every member."""
    default = fact().default()
    examples = [value for value in _values(inspect.getdoc(fact) or "") if value]
    if isinstance(default, dict):
        first = next((one for one in examples if isinstance(one, dict)), {})
        return AllKeys(next(iter(first.values()), {"1.0"}))
    if isinstance(default, list):
        return _Member(next((one for one in examples if isinstance(one, list)), []))
    return examples[0] if examples else default


def _values(doc: str) -> Iterator[Any]:
    """Yield the values that a docstring shows, in the text or as a block."""
    for text in [*re.findall(r"``([{\[(\d'\"][^`]*)``", doc), *re.findall(r"::\n\n((?:    .*\n|\n)+)", doc + "\n")]:
        try:
            yield ast.literal_eval(re.sub(r",? ?\.\.\.(?=[\]})])", "", textwrap.dedent(text).strip()))
        except (ValueError, SyntaxError):
            continue
