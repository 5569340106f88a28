"""Makes random deploys: text of Python files whose operations get in each other's way."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from itertools import count

from hypothesis import strategies as st

#: What every deploy begins with. ``note`` rests on a fact, ``twice`` reads one after its first command,
#: ``careless`` does something else besides, ``restless`` rests on a fact that is another one at each look.
HEAD = """
from io import StringIO
from ropewalk import host, config
from ropewalk.api import FactBase, deploy, operation, sh
from ropewalk.facts.files import File, FileContents
from ropewalk.operations import files, python, server

seen = []
names = []

class Restless(FactBase):
    def command(self):
        return "cat /proc/sys/kernel/random/uuid"

@operation()
def note(path, words=()):
    have = host.get_fact(File, path=path)
    if have is None or have is False:
        yield sh("sh", "-c", "echo note-absent >>trace")
    elif words:
        yield f"echo note-{'-'.join(words)} >>trace"
    else:
        host.noop(f"{path} is there")

@operation()
def twice(path):
    yield f"echo one >>{path}"
    lines = host.get_fact(FileContents, path=path)
    yield f"echo twice-{len(lines or [])} >>trace"

@operation()
def careless(path):
    seen.append(path)
    if host.get_fact(File, path=path):
        yield f"echo careless-{len(seen)} >>trace"

@operation()
def restless():
    host.get_fact(Restless)
    yield "echo restless >>trace"

def inner(number):
    server.shell(f"echo inner-{number} >>trace")
    note(path="a")

def fails(number):
    server.shell(f"echo fails-{number} >>trace; exit 4")
    server.shell("echo never >>trace")

@deploy("Together")
def together(path):
    files.file(path=path, mode="640")
    server.shell("echo together >>trace")
"""

_PATHS = st.sampled_from(["a", "b", "c", "d", "d/e"])
_TEXTS = st.sampled_from(["", "x", "x\ny\n", "it's $HOME `id`\n", "ü\n\n", "a=1\n"])
_STATUSES = st.sampled_from([0, 0, 0, 0, 0, 0, 0, 3])
_BOOLS = st.booleans()

#: A statement: its text, given a source of numbers (each is used once, so that names stay apart).
Statement = Callable[["count[int]"], str]


@st.composite
def _shell(draw: st.DrawFn) -> Statement:
    status, path, what = draw(_STATUSES), draw(_PATHS), draw(st.integers(0, 5))
    does = ["true", f"echo w >>{path}", f"rm -rf {path}", "cat a 2>/dev/null", "printf 'out\\n\\n'", "echo e >&2"][what]
    further = draw(
        st.sampled_from(
            ["", "", "", "", ", _ignore_errors=True", ", _success_exit_codes=[0, 3]", ", _success_exit_codes=[3]",
             ", _env={'A': 'b'}", ", _chdir='d'", ", _timeout=30", ", _retries=1, _retry_delay=0", ", name='named'",
             ", _if=lambda: True", ", _if=lambda: False", ", _stdin='text'", ", _shell_executable='bash'",
             ", _continue_on_error=True"]
        )
    )  # fmt: skip
    return lambda numbers: f'server.shell(["echo s{next(numbers)} >>trace", "{does}", "exit {status}"]{further})'


@st.composite
def _files(draw: st.DrawFn) -> Statement:
    path, text, present = draw(_PATHS), draw(_TEXTS), draw(_BOOLS)
    kind = draw(st.integers(0, 7))
    made = [
        f"files.file(path={path!r}, present={present})",
        f"files.file(path={path!r}, mode='{'600' if present else '644'}')",
        f"files.directory(path={path!r}, present={present})",
        f"files.put(src=StringIO({text!r}), dest={path!r})",
        f"files.line(path={path!r}, line='l{len(text)}', present={present})",
        f"files.link(path='k', target={path!r}, present={present})",
        f"files.template(src=StringIO('{{{{ v }}}}\\n'), dest={path!r}, v={text!r})",
        f"files.put(src={path!r}, dest='copy')",  # this machine's file is the host's
    ][kind]
    ignored = draw(st.sampled_from(["", "", "", ", _ignore_errors=True", ", _if=lambda: True"]))
    return lambda numbers: made[:-1] + ignored + ")"


@st.composite
def _custom(draw: st.DrawFn) -> Statement:
    path = draw(_PATHS)
    made = draw(
        st.sampled_from(
            [f"note({path!r})", f"note(path={path!r}, words=names)", f"note({path!r}, ['w'], _env={{'A': 'b'}})",
             f"twice({path!r})", f"careless({path!r})", "restless()", f"together({path!r})",
             f"together({path!r}, _env={{'A': 'b'}})"]
        )
    )  # fmt: skip
    return lambda numbers: made


@st.composite
def _plain(draw: st.DrawFn) -> Statement:
    """Code between operations."""
    path = draw(_PATHS)
    made = draw(
        st.sampled_from(
            ["names.append('n')", "names += ['m']", "names = ['fresh']", "config.SHELL = 'bash'", "inner(1)",
             f"python.call(function=lambda: inner({len(path)}))", "python.call(function=inner, number=2)",
             "python.call(function=fails, number=3)", "python.call(function=fails, number=3, _ignore_errors=True)",
             "seen.append('x')", "1 / 0", "raise SystemExit(3)", "host.data.other = 1",
             "files.file(path='a', nonsense=1)",
             f"server.shell(f'echo {{bool(host.get_fact(File, path=\"{path}\"))}} >>trace')"]
        )
    )  # fmt: skip
    return lambda numbers: made


@st.composite
def _result(draw: st.DrawFn, before: st.SearchStrategy[Statement]) -> Statement:
    """An operation whose result is used."""
    operation = draw(st.one_of(_files(), _shell(), _custom()))
    used = draw(
        st.sampled_from(
            ["server.shell(f'echo {{{r}.changed}} >>trace')", "server.shell('echo if >>trace', _if={r}.did_change)",
             "server.shell(f'echo {{{r}.is_complete()}}-{{{r}.executed}} >>trace')",
             "files.put(src=StringIO({r}.stdout), dest='b')", "seen.append({r}.stderr_lines)",
             "note('a', words=[str({r}.did_succeed())])", "files.file(path='c', present={r}.will_change)"]
        )
    )  # fmt: skip
    between = draw(before)

    def text(numbers: count[int]) -> str:
        name = f"r{next(numbers)}"
        made = operation(numbers)
        if made.startswith("together"):
            made = "note('a')"
        return f"{name} = {made}\n{between(numbers)}\n{used.format(r=name)}"

    return text


_SIMPLE = st.one_of(_files(), _shell(), _files(), _shell(), _custom(), _plain())


@st.composite
def _block(draw: st.DrawFn, inner: st.SearchStrategy[Statement]) -> Statement:
    body = draw(st.lists(inner, min_size=1, max_size=4))
    head = draw(
        st.sampled_from(
            ["for item in host.loop([1, 2]):", "for item in ['p', 'q']:", "if host.get_fact(File, path='a'):",
             "if names:", "with host.arguments(_env={'B': 'c'}):", "with host.when(lambda: True):", "def fN():",
             "try:", "def gN(when=True):"]
        )
    )  # fmt: skip

    def text(numbers: count[int]) -> str:
        number = next(numbers)
        made = "\n".join(statement(numbers) for statement in body)
        if head.startswith("def"):
            made = "global names\n" + made if "names +=" in made or "names =" in made else made
        tail = {"try:": "except Exception:\n    server.shell('echo caught >>trace')"}.get(head, "")
        call = f"{head[4]}{number}()" if head.startswith("def") else ""
        return f"{head.replace('N', str(number))}\n{textwrap.indent(made, '    ')}\n{tail}\n{call}"

    return text


_STATEMENTS = st.recursive(_SIMPLE, lambda inner: st.one_of(_SIMPLE, _block(inner), _result(inner)), max_leaves=12)


@st.composite
def deploys(draw: st.DrawFn) -> str:
    """The text of a deploy file."""
    statements = draw(st.lists(_STATEMENTS, min_size=1, max_size=12))
    numbers = count(1)
    return HEAD + "\n" + "\n".join(statement(numbers) for statement in statements) + "\n"


_MEDDLING = ("echo foreign >a", "rm -rf a", "mkdir -p d", "rm -rf d", "chmod 777 b", "ln -sfn x k", "echo f >c")
#: What somebody else does on the host between plan and apply.
meddling = st.lists(st.sampled_from(_MEDDLING), max_size=3)
