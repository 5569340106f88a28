"""What the example in an operation's docstring runs, seen on a host that is made up.

No host is asked, no file of this machine is read, and no secret is known: what an example needs of these has no
commands here. It is done for the operations of ropewalk only, since it calls them.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from ropewalk.api.context import on_local_files, use
from ropewalk.api.operation import Operation
from ropewalk.model.command import Call, Change, Diff, Secret
from ropewalk.model.errors import OperationError
from ropewalk.testing.steps import steps_of
from ropewalk.testing.worlds import AllKeys, World

#: Directories that are there before anybody has set up anything.
_USUAL = frozenset({
    "/etc", "/home", "/opt", "/root", "/srv", "/usr/bin", "/usr/local/bin", "/usr/share", "/usr/share/keyrings",
    "/var/lib", "/var/log", "/run/systemd/system", "/var/service", "/etc/service", "/etc/sv/app",
})  # fmt: skip
#: Facts that tell whether a service has been started, or starts with the host.
_SERVICES = ("InitScript", "LaunchdStatus", "OpenrcEnabled", "OpenrcService", "RcdScript", "SystemdEnabled",
             "SystemdStatus", "UpstartStatus")  # fmt: skip
_STARTED = {
    **dict.fromkeys(_SERVICES, AllKeys(True)), "RcdEnabled": True, "ServiceStatus": "1234", "InitLinks": {"S05": ""},
    "OpenvzContainers": {101: {"status": "running", "hostname": "mail"}},
}  # fmt: skip
_STOPPED = {
    **dict.fromkeys(_SERVICES, AllKeys(False)), "RcdEnabled": False, "ServiceStatus": None, "InitLinks": {},
    "OpenvzContainers": {101: {"status": "stopped", "hostname": "mail"}},
}  # fmt: skip
#: What somebody else would have to say: it would stand in the commands.
_FOREIGN = {"OfferedHostKeys": OperationError("nobody is asked for keys")}
#: Where an example is tried, in this order, until it runs something.
_PLACES = {
    "on a host without it": World(None, directories=_USUAL, facts=_FOREIGN),
    "on a host that has it": World("files", facts=_FOREIGN | _STARTED),
    "on a host that has it, where it does not run": World("files", facts=_FOREIGN | _STOPPED),
}
#: They run what another operation would; which one, the host decides.
_DEPENDS_ON_THE_HOST = ("ropewalk.operations.server.packages", "ropewalk.operations.server.service")
#: In names of files that ropewalk makes for a moment; nobody should take them for something to rely on.
_TEMPORARY = "ropewalk"


@dataclass(frozen=True, slots=True)
class Runs:
    """What an example runs.

    :ivar title: for which call, on which host.
    :ivar commands: as a plan shows them, in order, without what becomes another user.
    """

    title: str
    commands: tuple[str, ...]


def runs(operation: Operation[Any], examples: Sequence[str]) -> Runs | None:
    """Return what the first call of an operation in its examples runs; ``None`` where this cannot be seen from here."""
    name = operation._inner.__name__
    calls = list(_calls(name, examples))
    if not calls or operation._inner.__module__ in _DEPENDS_ON_THE_HOST:
        return None
    alone = sum(len(ast.parse(example).body) for example in examples) == 1
    which = "the example" if alone else f"the first {name}"
    for where, world in _PLACES.items():
        commands = _commands(operation, calls[0], world)
        if commands:
            hidden = any(_TEMPORARY in command for command in commands)
            return None if hidden else Runs(f"For {which} above, {where}, this runs:", commands)
    return None


def _calls(name: str, examples: Sequence[str]) -> Iterator[ast.Call]:
    for example in examples:
        for node in ast.walk(ast.parse(example)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name:
                yield node


def _commands(operation: Operation[Any], call: ast.Call, world: World) -> tuple[str, ...]:
    # A docstring may speak of variables of its reader's, and operations refuse what cannot be on the made-up host.
    with contextlib.suppress(Exception), use(on_local_files, _refused):
        args, kwargs = _arguments(operation, call)
        steps = steps_of(operation, world, *args, **kwargs)
        return tuple(str(step) for step in steps if not isinstance(step, Change | Diff | Call))
    return ()


def _refused() -> NoReturn:
    raise FileNotFoundError("the files of examples are not there")


def _arguments(operation: Operation[Any], call: ast.Call) -> tuple[list[Any], dict[str, Any]]:
    """Return the operation's own arguments in a call; the global ones change nothing of its commands."""
    module = operation._inner.__module__
    scope = {**operation._inner.__globals__, "StringIO": io.StringIO, module.rpartition(".")[2]: sys.modules[module]}
    named = inspect.signature(operation._inner).parameters
    given = [word for word in call.keywords if word.arg in named or not _is_global(str(word.arg))]
    return (
        [_value(node, scope) for node in call.args],
        {str(word.arg): _value(word.value, scope) for word in given},
    )


def _is_global(name: str) -> bool:
    return name == "name" or name.startswith("_")


def _value(node: ast.expr, scope: dict[str, Any]) -> Any:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "Secret":
        return Secret("secret")
    return eval(compile(ast.Expression(node), "<example>", "eval"), scope)  # noqa: S307 - a docstring of ropewalk's
