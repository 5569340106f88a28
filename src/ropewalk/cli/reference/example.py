"""What the example in an operation's docstring runs, seen on a host that is made up.

No host is asked, no file of the reader's is read, and no secret is known: what an example needs of these is made up,
see ``places``. It is done for the operations of ropewalk only, since it calls them.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import re
import sys
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from ropewalk.api.operation import Operation
from ropewalk.cli.reference.places import local_files, places
from ropewalk.model.command import Call, Change, Diff, Secret, Step
from ropewalk.model.errors import RopewalkError
from ropewalk.model.record import record
from ropewalk.testing.steps import steps_of
from ropewalk.testing.worlds import World

#: Names of files that are there for a moment.
_TEMPORARY = re.compile(r"(/tmp/ropewalk-)[0-9a-f]{40}")
#: Stand-ins for what examples speak of without making it.
_HOST = SimpleNamespace(name="web-1", data=SimpleNamespace())
_RESULT = SimpleNamespace(changed=True, did_change=lambda: True, stdout="")


@record
class Runs:
    """What an example runs.

    :ivar title: for which call, on which host.
    :ivar commands: as a plan shows them, in order, without what becomes another user.
    """

    title: str
    commands: tuple[str, ...]


def runs(name: str, operation: Operation[Any], examples: Sequence[str]) -> Runs | None:
    """Return what the first call of an operation in its examples runs; ``None`` where this cannot be seen from here.

    :param name: what the operation is called, with its module.
    """
    last = name.rpartition(".")[2]
    call = next(_calls(last, examples), None)
    if call is None:
        return None
    trees = [node for example in examples for node in ast.parse(example).body]
    which = "the example" if len(trees) == 1 else f"the first {last}"
    with local_files() as folder:
        for where, world in places(name).items():
            steps = _steps(operation, call, _scope(operation, trees), world, folder)
            if steps and all(isinstance(step, Call) for step in steps):
                return Runs(
                    f"{which.capitalize()} above runs this where ropewalk runs, and nothing on the host:",
                    _texts(steps, folder),
                )
            if steps:
                return Runs(f"{where}, {which} above runs:", _texts(steps, folder))
    return None


def _calls(name: str, examples: Sequence[str]) -> Iterator[ast.Call]:
    for example in examples:
        for node in ast.walk(ast.parse(example)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name:
                yield node


def _steps(operation: Operation[Any], call: ast.Call, scope: dict[str, Any], world: World, folder: str) -> list[Step]:
    # Operations refuse what cannot be on the made-up host.
    with contextlib.suppress(RopewalkError):
        args, kwargs = _arguments(operation, call, scope)
        steps = steps_of(operation, world, *args, _cwd=folder, **kwargs)
        return [step for step in steps if not isinstance(step, Change | Diff)]
    return []


def _texts(steps: Sequence[Step], folder: str) -> tuple[str, ...]:
    """Return steps as a plan shows them, without what is another one each time."""
    return tuple(_TEMPORARY.sub(r"\1...", str(step).replace(f"{folder}/", "")) for step in steps)


def _scope(operation: Operation[Any], trees: Sequence[ast.stmt]) -> dict[str, Any]:
    """Return what the names in an example stand for: functions are defined, results of other operations made up."""
    module = operation._inner.__module__
    scope = {**operation._inner.__globals__, "StringIO": io.StringIO, "host": _HOST,
             module.rpartition(".")[2]: sys.modules[module]}  # fmt: skip
    for node in trees:
        if isinstance(node, ast.FunctionDef):
            exec(compile(ast.Module([node], []), "<example>", "exec"), scope)  # noqa: S102 - a docstring of ropewalk's
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            scope[node.targets[0].id] = _RESULT
    return scope


def _arguments(operation: Operation[Any], call: ast.Call, scope: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the operation's own arguments in a call; the global ones change nothing of its commands."""
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
