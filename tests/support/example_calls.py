"""Calls of every operation, made from the examples in their docstrings, and facts that fit every argument."""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import pkgutil
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import ropewalk.facts
import ropewalk.operations
from ropewalk.api import FactBase, Operation
from ropewalk.api.config import Config
from ropewalk.api.context import current_config, current_host, current_inventory, current_state, use
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.model.command import Renderable, Secret


def operations() -> dict[str, Operation[Any]]:
    """Return every operation, by where it is defined."""
    found = {thing for module in _below(ropewalk.operations) for thing in vars(module).values()
             if isinstance(thing, Operation)}  # fmt: skip
    return {_place(op._inner): op for op in sorted(found, key=lambda op: _place(op._inner))}


def facts() -> dict[str, type[FactBase[Any]]]:
    """Return every fact that can be read, by where it is defined."""
    found = {thing for module in _below(ropewalk.facts) for thing in vars(module).values()
             if isinstance(thing, type) and issubclass(thing, FactBase) and not thing.abstract}  # fmt: skip
    return {_place(fact): fact for fact in sorted(found, key=_place) if fact.__module__.startswith("ropewalk.facts.")}


def _below(package: ModuleType) -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        yield importlib.import_module(info.name)


def _place(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__name__}".split(".", 2)[2]


def parameters(function: Any) -> dict[str, inspect.Parameter]:
    """Return the parameters of an operation or of a fact's command, without the global arguments."""
    every = inspect.signature(function).parameters
    return {name: one for name, one in every.items() if one.kind is not one.VAR_KEYWORD and name != "self"}


def example(operation: Operation[Any]) -> dict[str, Any]:
    """Return the arguments of the first call in the docstring of an operation, by name."""
    names = list(parameters(operation._inner))
    place = _place(operation._inner)
    if place in _EXAMPLES:
        return _EXAMPLES[place]
    if place.startswith("postgresql."):  # the old names of others
        name = place.rpartition(".")[2]
        return next(example(op) for there, op in operations().items()
                    if there.startswith("postgres.") and there.endswith(f".{name}"))  # fmt: skip
    for call in _calls(inspect.getdoc(operation._inner) or "", operation._inner.__name__):
        given = dict(zip(names, call.args, strict=False)) | {one.arg: one.value for one in call.keywords if one.arg}
        return {name: _value(node) for name, node in given.items() if name in names}
    raise AssertionError(f"{operation} has no example")


def _calls(doc: str, name: str) -> Iterator[ast.Call]:
    for block in re.findall(r"::\n\n((?:    .*\n|\n)+)", doc + "\n"):
        for node in ast.walk(ast.parse(textwrap.dedent(block))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name:
                yield node


def _value(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        pass
    match ast.unparse(node).split("(")[0]:
        case "Secret":
            return Secret("secret")
        case "StringIO":
            return io.StringIO("text\n")
        case "BrewItemKind.FORMULA":
            from ropewalk.facts.brew import BrewItemKind

            return BrewItemKind.FORMULA
        case _:
            return "text"


_HERE = str(Path(__file__).parent)
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILkMBBcxRkoVTDW1TJI6zY3Iwi0Ac/pSrWzO5PE/HXOv ada"
#: Where the first example needs files of its author's, or values that only Python can make.
_EXAMPLES: dict[str, dict[str, Any]] = {
    "apt.update.update": {"cache_time": 3600},
    "files.put.put": {"src": io.BytesIO(b"text"), "dest": "/etc/motd", "mode": "644", "user": "root", "group": "root"},
    "files.sync.sync": {"src": _HERE, "dest": "/srv/site", "user": "www-data", "group": "www-data", "delete": True},
    "files.template.template": {"src": io.StringIO("{{ x }}"), "dest": "/etc/site.conf", "user": "root", "x": "text"},
    "files.unarchive.unarchive": {"src": "/root/app.tar.gz", "dest": "/opt/app", "remote_src": True},
    "freebsd.service.service": {"srvname": "nginx", "srvstate": "started"},
    "server.script.script": {"src": __file__, "args": ["-x", "text"]},
    "server.script_template.script_template": {"src": io.StringIO("echo {{ x }}"), "args": ["text"], "x": "text"},
    "server.user_authorized_keys.user_authorized_keys": {"user": "ada", "public_keys": [_KEY]},
    "server.user.user": {"user": "ada", "home": "/home/ada", "shell": "/bin/sh", "group": "staff", "groups": ["adm"],
                         "public_keys": [_KEY], "comment": "Ada"},
    "vzctl.set": {"ctid": 101, "hostname": "a.example.org"},
}  # fmt: skip


class _All(dict[Any, Any]):
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
#: What facts are in every world: programs are there.
_ALWAYS = {
    "Which": "/usr/bin/program", "Os": "Linux", "PipxEnvironment": {"PIPX_BIN_DIR": "/root/.local/bin"},
    "UvToolBinDir": "/root/.local/bin", "IptablesHasTarget": True, "OfferedHostKeys": ["example ssh-ed25519 AAAA"],
    "AptListsAge": 5, "OfferedKeys": {"F" * 40: b"key"}, "OfferedKeyFile": b"key", "IsDearmored": False,
    "IptablesRule": False, "PostgresPasswords": {}, "SEPortRecords": {}, "MysqlDatabases": {"x": {}},
    "MysqlUsers": {"x": {}},
    "OpenvzContainers": {101: {"status": "stopped", "hostname": "x"}},
}  # fmt: skip
#: What they are in worlds that have everything, where their examples do not do.
_FULL: dict[str, Any] = {
    "File": _ENTRY, "Directory": None, "DockerContainer": [_RUNNING], "DockerNetwork": [_RUNNING],
    "Keyrings": _All({"F" * 40: b"key"}), "FileContext": {"user": "u", "role": "r", "type": "t", "level": "s0"},
    "Accounts": _All({"uid": 1, "gid": 1, "home": "/home/a", "shell": "/bin/sh", "group": "a", "groups": [],
                      "comment": "", "locked": False, "password": "x", "lastchange": 1}),
}  # fmt: skip


@dataclass
class World:
    """What the facts of a host are.

    :ivar there: everything that is asked about is there, and paths are ``files`` or ``directories``; or there is
        nothing (``None``).
    """

    there: str | None
    planning: bool = True
    connected: bool = True

    def get_fact(self, fact: type[FactBase[Any]], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        name = fact.__name__
        if name in _ALWAYS:
            return _ALWAYS[name]
        default = fact().default()
        if self.there is None:
            return default
        if self.there == "directories" and name in ("File", "Directory"):
            name = "Directory" if name == "File" else "File"
        if name in _FULL:
            return _FULL[name]
        examples = [value for value in _values(inspect.getdoc(fact) or "") if value]
        if isinstance(default, dict):
            first = next((one for one in examples if isinstance(one, dict)), {})
            return _All(next(iter(first.values()), {"1.0"}))
        if isinstance(default, list):
            return _Member(next((one for one in examples if isinstance(one, list)), []))
        return examples[0] if examples else default

    def running_arguments(self) -> Mapping[str, Any]:
        return {}

    def will_read(self, facts: Sequence[Any]) -> None:
        pass

    def catch_up(self) -> None:
        pass

    def noop(self, reason: str) -> None:
        pass


def _values(doc: str) -> Iterator[Any]:
    """Yield the values that a docstring shows, in the text or as a block."""
    for text in [*re.findall(r"``([{\[(\d'\"][^`]*)``", doc), *re.findall(r"::\n\n((?:    .*\n|\n)+)", doc + "\n")]:
        try:
            yield ast.literal_eval(re.sub(r",? ?\.\.\.(?=[\]})])", "", textwrap.dedent(text).strip()))
        except (ValueError, SyntaxError):
            continue


def commands(operation: Operation[Any], arguments: Mapping[str, Any], world: World) -> list[str]:
    """Return the commands that an operation yields, as the host would get them."""
    inventory = Inventory((["test"], {}))
    host = inventory.get_host("test")
    host.runner = world  # type: ignore[assignment]
    state = State(inventory, Config())
    with (
        use(current_host, host),
        use(current_state, state),
        use(current_config, state.config),
        use(current_inventory, inventory),
    ):
        steps = list(operation._inner(**arguments) or ())
    return [step if isinstance(step, str) else step.render(reveal=True) for step in steps
            if isinstance(step, str | Renderable)]  # fmt: skip
