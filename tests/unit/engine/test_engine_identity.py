"""What makes an operation the same in another run."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.meta import OperationMeta
from ropewalk.engine.identity import canonical, content_of
from ropewalk.model.command import Secret, sh
from ropewalk.operations import files, server
from support.past import Story
from support.play import Stage, play, run_async


def keys(*calls: Callable[[], OperationMeta]) -> list[Any]:
    """Return the keys that calls get one after the other on a host."""
    made: list[Any] = []

    class Remembering:
        def done(self, *_: Any, **__: Any) -> None:
            return None

        def owed(self, *_: Any, **__: Any) -> None:
            return None

        def known(self, host: str, key: Any) -> None:
            made.append(key)

        def ended(self, *_: Any) -> None:
            pass

        paid = ended

    stage = Stage()
    run = stage.prepare(lambda: [call() for call in calls] and None, plan=False)
    run.shared.past = Remembering()
    assert run_async(stage.perform(run)).result.ok
    return made


def touch(**given: Any) -> Callable[[], OperationMeta]:
    return lambda: files.file(path="a", **given)


@pytest.mark.parametrize(
    ("one", "two", "parts"),
    [
        (touch(), touch(), ""),  # the second of two equal ones is another one
        (touch(name="A"), touch(name="B"), ""),
        (touch(mode="644"), touch(mode="600"), ""),
        (touch(name="A", mode="644"), touch(name="A", mode="600"), "named"),
    ],
)
def test_parts_of_keys(one: Callable[[], OperationMeta], two: Callable[[], OperationMeta], parts: str) -> None:
    first, second = keys(one, two)
    same = [part for part in ("exact", "unnamed", "named") if getattr(first, part) == getattr(second, part)]
    assert [part for part in same if getattr(first, part) is not None] == [part for part in [parts] if part]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (touch(mode="644", user=None), lambda: files.file("a", user=None, mode="644")),
        (touch(name="A"), lambda: files.file(path="a", name="A", _env={"X": "1"})),
        (lambda: server.shell(commands=["true"]), lambda: server.shell(["true"])),
    ],
)
def test_the_same_written_in_another_way(one: Callable[[], OperationMeta], two: Callable[[], OperationMeta]) -> None:
    assert keys(one) == keys(two)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("x", {"b": 1, "a": [True, None]}, "{'a':[True,None],'b':1}"),
        ("x", {"a": 1, "b": 2}, "{'a':1,'b':2}"),
        ("x", ("a", "b"), "['a','b']"),
        ("x", {"b", "a"}, "['a','b']"),
        ("x", Secret("hunter2"), "*"),
        ("password", "hunter2", "*"),
        ("x", {"db_password": "hunter2"}, "{'db_password':*}"),
        ("x", sh("echo", Secret("hunter2")), repr("echo '*****'")),
        ("x", b"\x00", "b'\\x00'"),
        ("x", io.StringIO("content"), "StringIO"),
        ("x", object(), "object"),
        ("x", os.path.join, "join"),
        ("x", "\udc80", "'\\udc80'"),
    ],
)
def test_arguments_as_text(name: str, value: Any, text: str) -> None:
    assert canonical(name, value) == text


def test_a_value_that_holds_itself() -> None:
    value: dict[str, Any] = {}
    value["self"] = value
    assert "..." in canonical("x", value)


class Call:
    """As much of a call as its content needs."""

    def __init__(self, **own: Any) -> None:
        self.operation, self.args, self.own = files.put, (), own


def content(**own: Any) -> str:
    return content_of(Call(**own))  # type: ignore[arg-type]


def test_content_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("a", "1"), ("b", "1"), ("c", "2")):
        Path(name).write_text(text)
    Path("folder").mkdir()
    before = content(src="folder")
    assert content(src="a") == content(src="b") != content(src="c")
    assert content(src=io.StringIO("1")) == content(src=io.BytesIO(b"1")) != content(src=io.StringIO("2"))
    assert content(src="missing") == content(dest="a") == content(src="x\0y") == ""
    Path("folder/new").write_text("")
    monkeypatch.setattr("time.monotonic", lambda: 1e9)
    assert content(src="folder") != before
    closed = io.StringIO()
    closed.close()
    assert content(src=closed) == ""


def test_a_host_without_a_memory_gives_no_keys() -> None:
    metas: list[OperationMeta] = []
    play(lambda: metas.append(server.shell(commands=["true"])), plan=False)
    assert [meta.key for meta in metas] == [None]


def test_nested_operations_have_keys_of_their_own(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.run('def inside():\n    say("x")\nsay("x")\npython.call(function=inside)\n')
    assert len(story.done().hosts["a"]) == 3
