"""The tool that compares facts with pyinfra's: what it calls a difference."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import surface

PATH = Path(__file__).parents[3] / "tools" / "compare_facts.py"
SPEC = importlib.util.spec_from_file_location("_compare_facts", PATH)
assert SPEC is not None
assert SPEC.loader is not None
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)


def test_every_fact_gets_the_arguments_it_needs() -> None:
    needed = {e.name: {p.name for p in e.parameters if p.default is None} for e in surface.facts()}
    asked = list(tool.wanted(tool.facts()))
    assert len(asked) > 200
    for name, *words in asked:
        assert needed[name] <= {word.partition("=")[0] for word in words}
    assert set(tool.ARGUMENTS) <= {name for name, *_ in asked}
    assert set(tool.EXPLAINED) <= {name for name, *_ in asked}


def test_arguments_have_one_order() -> None:
    assert tool.label("selinux.SEPort (protocol=tcp, port=22)") == tool.label("selinux.SEPort (port=22, protocol=tcp)")
    assert tool.label("server.Users") == "server.Users"


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ({"a": [1, 2]}, {"a": [1, 2]}, []),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["['a'][1] ropewalk: '2'  pyinfra: '3'"]),
        ({"a": 1, "b": 2}, {"a": 1}, ["['b'] only in ropewalk: 2"]),
        ([1], [1, 2], [" ropewalk: '[1]'  pyinfra: '[1, 2]'"]),
        ({"a": 1}, {"a": True}, ["['a'] ropewalk: '1'  pyinfra: 'True'"]),
    ],
)
def test_differences(ours: Any, theirs: Any, said: list[str]) -> None:
    assert list(tool.first_differences(ours, theirs)) == said


def test_what_reading_changes_is_no_difference() -> None:
    mine, other = ({"atime": time, "units": [{f"session-{time}.scope": True, "a": 1}]} for time in (1, 2))
    assert tool.settled(mine) == tool.settled(other) == {"units": [{"a": 1}]}


@pytest.mark.parametrize(
    ("name", "ours", "theirs", "explained"),
    [
        ("docker.DockerImages", tool.Failed("no daemon"), [], True),
        ("docker.DockerImages", tool.Failed("no daemon"), [{"Id": "x"}], False),
        ("server.User", "root", "", True),
        ("server.Users", {}, {"root": {}}, False),
    ],
)
def test_explanations(name: str, ours: Any, theirs: Any, explained: bool) -> None:
    assert (tool.explanation(name, ours, theirs) is not None) is explained


@pytest.mark.parametrize("unread", ["ropewalk", "pyinfra"])
def test_a_program_that_reads_nothing_is_a_difference(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], unread: str
) -> None:
    monkeypatch.setattr(tool, "read", lambda program, words: {} if program == [unread] else {"server.Os": "Linux"})
    monkeypatch.setattr("sys.argv", ["compare_facts.py", "--pyinfra", "pyinfra", "@local", "server.Os"])
    assert tool.main() == 1
    assert f"server.Os: not read by {unread}" in capsys.readouterr().out
