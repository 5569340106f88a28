"""Calls of every operation, made from the examples in their docstrings."""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import pkgutil
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import ropewalk.facts
import ropewalk.operations
from ropewalk.api import FactBase, Operation
from ropewalk.model.command import Renderable, Secret
from ropewalk.testing import World, steps_of


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

_NAT: dict[str, Any] = {"table": "nat", "protocol": "tcp", "chain": "POSTROUTING"}
#: Further calls, each as what it has beside the example: arguments that make sense together only.
MORE: dict[str, list[dict[str, Any]]] = {
    "docker.container_exec.container_exec": [{"env": {"A": "text"}}],
    "docker.network.network": [{"aux_addresses": {"router": "text"}}],
    "files.block.block": [{"line": "text", "before": True}, {"backup": "text"}],
    "files.copy.copy": [{"overwrite": True}],
    "files.line.line": [{"backup": "text"}],
    "files.move.move": [{"overwrite": True}],
    "files.replace.replace": [{"backup": "text"}],
    "files.unarchive.unarchive": [{"user": "text", "group": "text"}],
    "git.worktree.worktree": [{"from_remote_branch": ("origin", "text")}],
    "iptables.rule.rule": [
        {"jump": "LOG", "log_prefix": "text"}, {"jump": "DNAT", "to_destination": "text", **_NAT},
        {"jump": "SNAT", "to_source": "text", **_NAT}, {"jump": "REDIRECT", "to_ports": "text", **_NAT},
        {"protocol": None, "destination_port": None, "not_protocol": "text"}, {"source": None, "not_source": "text"},
        {"destination_port": "text", "protocol": "tcp"},
    ],
    "mysql.privileges.privileges": [{"database": "shop", "table": "text"}],
    "mysql.user.user": [
        {"require": "X509", "require_cipher": "text", "require_issuer": "text", "require_subject": "text"}
    ],
    "server.sysctl.sysctl": [{"value": "text", "persist": True}],
}  # fmt: skip


def commands(operation: Operation[Any], arguments: Mapping[str, Any], world: World) -> list[str]:
    """Return the commands that an operation yields, as the host would get them."""
    return [step if isinstance(step, str) else step.render(reveal=True)
            for step in steps_of(operation, world, **arguments) if isinstance(step, str | Renderable)]  # fmt: skip
