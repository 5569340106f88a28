"""Between two operations of a deploy, nothing may happen that could tell that the first has yet to be carried out."""

from __future__ import annotations

import asyncio
import functools
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.config import Config
from ropewalk.api.context import current_config, current_host, current_inventory, current_state, use
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.engine import bridge
from ropewalk.engine.imports import Tree, current_tree
from ropewalk.engine.program import execute
from ropewalk.engine.purity import calls_only_operations, only_yields

HEAD = """
import os, io, shlex, json, logging
import collections.abc
from dataclasses import dataclass
from io import StringIO
from ropewalk import config, host, inventory, local, state
from ropewalk.api import FactBase, deploy, operation, sh, Upload, Change
from ropewalk.facts.files import File
from ropewalk.operations import files, server
import other
from other import client, LIMITS, impure, pure, closure, Path
CONSTANT = "text"
"""

OTHER = """
from pathlib import Path
class Client:
    def get(self, path): print("network")
client = Client()
LIMITS = {"a": [1]}
def impure(*given): print("seen")
get = impure
def pure(number): return [number, str(number).zfill(3)]
def make():
    count = []
    def inner(): count.append(1)
    return inner
closure = make()
"""


class Recorder:
    """Stands for the engine: notes for each call of an operation what is to be found out."""

    planning = False

    def __init__(self) -> None:
        self.calls: list[bool] = []
        self.operations: list[bool] = []

    def submit(self, operation: Any, args: Any, kwargs: Any) -> Any:
        self.calls.append(calls_only_operations(sys._getframe(1)))
        self.operations.append(only_yields(operation._inner))

    def blocking(self, function: Any) -> Any:
        return function()

    def get_fact(self, *given: Any) -> dict[str, int]:
        return {"mode": 644}

    def catch_up(self) -> None: ...

    def include(self, path: str, data: Any) -> None:
        execute(path)


def record(text: str, folder: Path, head: str = HEAD) -> Recorder:
    """Execute a deploy file as the engine does."""
    (folder / "other.py").write_text(OTHER)
    deploy = folder / "deploy.py"
    deploy.write_text(head + textwrap.dedent(text))
    inventory = Inventory((["a"], {"port": 80, "sites": {"x": {"user": "u"}}, "words": ["v", "w"]}))
    host, state = inventory.get_host("a"), State(inventory, Config())
    host.runner = recorder = Recorder()  # type: ignore[assignment]
    with (
        use(current_host, host), use(current_state, state), use(current_config, state.config),
        use(current_inventory, inventory), use(current_tree, Tree((str(folder),))),
    ):  # fmt: skip
        asyncio.run(bridge.call(functools.partial(_execute, str(deploy))))
    return recorder


_execute = execute

PURE = {
    "nothing else": "server.shell('a')",
    "assignments": "a = 1\nb, (c, *d) = 1, (2, 3)\ne: int = a\nserver.shell(str(e))",
    "conditions": "if host.data.port == 80 and not CONSTANT:\n    pass\nelse:\n    server.shell('a')",
    "loops": "for a in range(2):\n    for b in host.loop(['x']):\n        server.shell(f'{a}{b:>3}')\n        continue",
    "comprehensions": "a = [x * 2 for x in host.data.words if x]\nserver.shell({k: v for k, v in zip(a, a)}['vv'])",
    "methods of text": "server.shell(CONSTANT.upper() + ' '.join(host.data.words).strip() + 'a{}'.format(1))",
    "host data": "for name, site in host.data.sites.items():\n    server.shell(site.get('user', name))",
    "host data with a default": "server.shell(host.data.get('nothing', {}).get('more', 'a'))",
    "groups": "for other_host in inventory.get_group('all'):\n    server.shell(other_host.name)",
    "facts": "mode = host.get_fact(File, path='a')['mode']\nserver.shell(str(mode))",
    "results": "result = server.shell('a')\nif result is not None:\n    server.shell(result.stdout)",
    "functions": "def f(path, mode='644', *, user=None) -> None:\n    server.shell(path)\nf('a')",
    "functions of other files": "server.shell(pure(1))",
    "functions that call each other": """
        def even(n):
            if n:
                odd(n - 1)
        def odd(n):
            server.shell('a')
            if n:
                even(n - 1)
        even(4)""",
    "functions that are defined later": "server.shell('a')\ndef f():\n    server.shell('b')\nf()",
    "deploys": "@deploy('D', data_defaults={'a': 1})\ndef d(path):\n    server.shell(path)\nd('a', _sudo=True)",
    "operations that are defined there": "@operation()\ndef o(path):\n    yield sh('touch', path)\no('a')",
    "facts that are defined there": """
        class Mine(FactBase[str]):
            name = 'x'
            def command(self, path):
                return f'cat {path}'
            @staticmethod
            def default():
                return print
        host.get_fact(Mine, path='a')
        server.shell('a')""",
    "contexts": "with host.arguments(_sudo=True), host.when(lambda: True):\n    server.shell('a')",
    "includes": "local.include('empty.py')\nserver.shell('a')",
    "imports": "import ropewalk.operations.files as f2\nfrom ropewalk.api import Secret\nserver.shell('a')",
    "config": "config.SUDO = True\nserver.shell('a')",
    "growing own lists": "names = []\nnames.append('a')\nnames += ['b']\nserver.shell(names)",
    "counting": "n = 0\nfor x in [1]:\n    n += x\nserver.shell(str(n))",
    "errors": "if not host.data.port:\n    raise ValueError('no port')\nassert host.data.port\nserver.shell('a')",
    "functions of Python": "server.shell(shlex.quote(os.path.join('a', 'b')))\nfiles.put(src=StringIO('a'), dest='b')",
    "lambdas for operations": "server.shell('a', _if=lambda: print('later'))",
    "constants of other files": "server.shell(str(LIMITS['a']))\nserver.shell(str(other.LIMITS))",
}

IMPURE = {
    "try": "try:\n    server.shell('a')\nfinally:\n    pass",
    "try elsewhere in the function": "def f():\n    server.shell('a')\n    try:\n        pass\n    except ValueError:\n"
    "        pass\nf()",
    "a while loop": "while True:\n    server.shell('a')\n    break",
    "a with of another kind": "import contextlib\nwith contextlib.suppress(Exception):\n    server.shell('a')",
    "a with that gives something": "with host.arguments(_sudo=True) as x:\n    server.shell('a')",
    "print": "server.shell('a')\nprint('done')",
    "print before": "print('begin')\nserver.shell('a')",
    "log": "server.shell('a')\nlogging.info('done')",
    "open": "server.shell('a')\nopen('/dev/null').close()",
    "a local command": "server.shell('a')\nlocal.shell('true')",
    "a command at once": "server.shell('a')\nif False:\n    host.run_shell_command('a')",
    "an upload at once": "server.shell('a')\nif False:\n    host.put_file('a', 'b')",
    "an unknown function": "server.shell('a')\nimpure()",
    "an unknown function as an attribute": "server.shell('a')\nother.impure()",
    "an unknown function inside an argument": "server.shell(impure() or 'a')",
    "an unknown function in a condition": "if impure():\n    pass\nserver.shell('a')",
    "an unknown function in a comprehension": "a = [impure(x) for x in [1]]\nserver.shell('a')",
    "an unknown function in a text": "server.shell(f'{impure()}')",
    "an unknown function in a decorator": "@other.impure\ndef f(): pass\nserver.shell('a')",
    "an unknown decorator with arguments": "def deco(x):\n    return impure\n@deco(1)\ndef f(): pass\n"
    "server.shell('a')",
    "an unknown function in a default": "def f(a=impure()): pass\nserver.shell('a')",
    "an unknown function in a keyword's default": "def f(*, a=impure()): pass\nserver.shell('a')",
    "an unknown function in an annotation": "def f(a: impure()): pass\nserver.shell('a')",
    "an unknown function in a lambda's default": "f = lambda a=impure(): a\nserver.shell('a')",
    "an unknown function as a key": "a = sorted([1], key=impure)\nserver.shell('a')",
    "a lambda that is called": "a = list(map(lambda x: print(x), [1]))\nserver.shell('a')",
    "a lambda as an argument of a function": "def f(g):\n    g()\nf(lambda: print(1))\nserver.shell('a')",
    "a function by another name": "f = impure\nserver.shell('a')\nf()",
    "a function in a list": "server.shell('a')\n[impure][0]()",
    "a function that is handed over": "def f(g):\n    server.shell('a')\n    g()\nf(impure)",
    "a function that is defined twice": "def f(): pass\nserver.shell('a')\ndef f():\n    print(1)\nf()",
    "a function that hides one of Python's": "server.shell('a')\nlen('a')\ndef len(x):\n    print(x)\nlen('a')",
    "a function inside a function": "def f():\n    def g():\n        print(1)\n    server.shell('a')\n    g()\nf()",
    "a function with a memory": "server.shell('a')\nclosure()",
    "a name that is imported twice": "from other import pure as f\nserver.shell('a')\n"
    "from other import impure as f\nf(1)",
    "a global that functions change": "X = 1\ndef f():\n    global X\n    X = client\nf()\nserver.shell(X)",
    "a star import": "from shlex import *\nserver.shell('a')",
    "methods of unknown objects": "server.shell('a')\nclient.get('/')",
    "methods of unknown objects of modules": "server.shell('a')\nother.client.get('/')",
    "unknown objects that are handed over": "def f(c):\n    server.shell('a')\n    c.get('/')\nf(client)",
    "methods of unknown names": "server.shell('a')\nhost.data.words.pop()",
    "methods of paths": "server.shell('a')\nif False:\n    Path('x').replace('y')",
    "methods of other's lists": "server.shell('a')\nLIMITS.update(b=1)",
    "methods of lists of host data": "words = host.data.words\nserver.shell(words)\nwords.append('z')",
    "changes to host data": "server.shell('a')\nhost.data.port = 81",
    "changes to items of host data": "server.shell('a')\nhost.data['port'] = 81",
    "changes to a dict": "d = {}\nserver.shell('a')\nd['a'] = 1",
    "changes to an object": "server.shell('a')\nclient.x = 1",
    "changes to a module": "server.shell('a')\nother.pure = other.impure",
    "changes to config that is read late": "server.shell('a')\nconfig.DIFF = True",
    "growth of other's lists": "words = host.data.words\nserver.shell(words)\nwords += ['z']",
    "growth of a parameter": "def f(words):\n    server.shell(words)\n    words += ['z']\nf(['a'])",
    "results of a run": "server.shell('a')\nx = state.results",
    "results of a run by another name": "s = state\nserver.shell('a')\nx = s.results",
    "results of a run by way of the inventory": "server.shell('a')\nx = inventory.state.results",
    "deletions": "a = 1\nserver.shell('a')\ndel a",
    "a class": "class A:\n    print('made')\nserver.shell('a')",
    "a dataclass": "@dataclass\nclass A:\n    a: int\nserver.shell('a')",
    "a class with a metaclass": "class A(FactBase, metaclass=type):\n    pass\nserver.shell('a')",
    "an object": "server.shell('a')\nother.Client()",
    "a generator function": "def g():\n    yield 1\n    print(2)\nfor x in g():\n    server.shell('a')",
    "a walrus": "if (a := 1):\n    server.shell('a')",
    "eval": "server.shell('a')\neval('1')",
    "getattr": "server.shell('a')\ngetattr(other, 'client')",
    "an import inside a function": "def f():\n    import other as local_name\n    server.shell('a')\n"
    "    local_name.get('x')\nif host.data.port:\n    f()",
}


@pytest.mark.parametrize("name", PURE)
def test_what_nobody_can_tell(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("")
    calls = record(PURE[name].replace("'empty.py'", repr(str(tmp_path / "empty.py"))), tmp_path).calls
    assert calls
    assert all(calls)


@pytest.mark.parametrize("name", IMPURE)
def test_what_somebody_might_tell(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = IMPURE[name]
    try:
        calls = record(text, tmp_path).calls
    except (TypeError, AttributeError, KeyError, NameError):
        pytest.fail(f"not a test: the deploy does not run\n{text}")
    assert calls
    assert not any(calls)


def test_the_code_of_callers_is_looked_at(tmp_path: Path) -> None:
    calls = record("def f():\n    server.shell('a')\nf()\ndef g():\n    f()\n    print('x')\ng()", tmp_path).calls
    assert calls == [False, False]  # the file itself calls g
    text = "import second\nsecond.f()\n"
    (tmp_path / "second.py").write_text(
        "from ropewalk.operations import server\nprint('x')\ndef f(): server.shell('a')\n"
    )
    assert record(text, tmp_path).calls == [True]
    (tmp_path / "second.py").write_text(
        "from ropewalk.operations import server\nserver.shell('a')\nprint('x')\ndef f(): server.shell('a')\n"
    )
    assert record(text, tmp_path).calls == [False, True]  # while it is imported; afterwards


def test_an_included_file_is_looked_at_by_itself(tmp_path: Path) -> None:
    inner = tmp_path / "inner.py"
    inner.write_text("from ropewalk.operations import server\nserver.shell('a')\nprint('x')\n")
    assert record(f"server.shell('a')\nlocal.include({str(inner)!r})\nserver.shell('b')", tmp_path).calls == [
        True, False, True,
    ]  # fmt: skip


def test_a_function_that_turns_out_badly_spoils_what_was_thought_of_others(tmp_path: Path) -> None:
    (tmp_path / "second.py").write_text(
        "from ropewalk.operations import server\n"
        "def f(n):\n    if n:\n        g(n - 1)\n    print('x')\n"
        "def g(n):\n    server.shell('a')\n    if n:\n        f(n - 1)\n"
    )
    (tmp_path / "third.py").write_text("from second import g\ndef run():\n    g(0)\n")
    (tmp_path / "fourth.py").write_text("from second import f\ndef run():\n    f(1)\n")
    text = "import third, fourth\nfrom second import g\nx = fourth.run\nthird.run()"
    assert record(text, tmp_path).calls == [False]


def test_a_file_that_was_edited_meanwhile_is_not_judged_by_its_new_text(tmp_path: Path) -> None:
    harmless = HEAD + "import editor\nserver.shell('a')\n"
    (tmp_path / "editor.py").write_text(
        f"from pathlib import Path\nPath({str(tmp_path / 'deploy.py')!r}).write_text({harmless!r})\n"
    )
    assert record("import editor\nserver.shell('a')\nprint('x')\n", tmp_path).calls == [False]
    assert record("import editor\nserver.shell('a')\n", tmp_path).calls == [True]


def test_where_no_deploy_runs_nothing_is_known() -> None:
    assert not calls_only_operations()


YIELDING = {
    "commands": "yield sh('touch', path)\nyield f'chmod 644 {path}'",
    "facts": "have = host.get_fact(File, path=path)\nif have and have['mode'] != 644:\n    yield 'a'\nelse:\n"
    "    host.noop('there')",
    "parts of other operations": "yield from files.file._inner(path=path)",
    "functions of its file": "yield from steps(path)",
    "values": "yield Upload(b'x', path)\nyield Change('mode', None, '1')\nyield from [sh('a'), sh('b')]",
    "errors": "if not path:\n    raise ValueError(path)\nyield 'a'",
    "own lists": "done = []\ndone.append(path)\nfor x in done:\n    yield x",
    "constants of its file": "yield CONSTANT",
    "host data": "yield str(host.data.port)",
}
CARELESS = {
    "print": "print('x')\nyield 'a'",
    "something after a command": "yield 'a'\nseen.append(1)",
    "a try": "try:\n    yield 'a'\nfinally:\n    yield 'b'",
    "unknown functions": "impure()\nyield 'a'",
    "unknown functions of its file": "yield from bad(path)",
    "variables of its file": "yield VARIABLE",
    "lists of its file": "yield str(LIST)",
    "lists of other files": "yield str(LIMITS)",
    "the config": "yield str(config.SUDO)",
    "changes to the config": "config.SUDO = True\nyield 'a'",
    "another operation": "server.shell('a')\nyield 'a'",
    "a command at once": "host.run_shell_command('a')\nyield 'a'",
    "unknown parts": "yield from other.impure._inner(1)",
}
AROUND = """
VARIABLE = 1
VARIABLE = 2
LIST = [1]
seen = []
def steps(path):
    yield sh('touch', path)
def bad(path):
    print('x')
    yield sh('touch', path)
@operation()
def mine(path):
BODY
    return
    yield
if host.data.port:
    mine('a')
server.shell('b')
"""


def judge(body: str, folder: Path) -> bool:
    text = AROUND.replace("BODY", textwrap.indent(body, "    "))
    return record(text, folder).operations[0]


@pytest.mark.parametrize("name", YIELDING)
def test_an_operation_that_may_be_evaluated_early(name: str, tmp_path: Path) -> None:
    assert judge(YIELDING[name], tmp_path)


@pytest.mark.parametrize("name", CARELESS)
def test_an_operation_that_waits_for_its_turn(name: str, tmp_path: Path) -> None:
    assert not judge(CARELESS[name], tmp_path)


def test_our_own_operations_only_yield(tmp_path: Path) -> None:
    assert record("server.shell('a')\nfiles.file(path='a')", tmp_path).operations == [True, True]


def test_an_operation_with_a_memory_waits_for_its_turn(tmp_path: Path) -> None:
    text = """
        def make(words):
            @operation()
            def mine():
                yield str(words)
            return mine
        made = make([1])
        made()"""
    assert record(text, tmp_path).operations == [False]
