"""Global arguments are listed once; names that were mistyped get a suggestion; locations read as people write them."""

from __future__ import annotations

import pytest

from ropewalk.model.arguments import (
    NOT_INHERITED,
    ConnectorArguments,
    GlobalArguments,
    MetaArguments,
    connector_names,
    declared,
)
from ropewalk.model.event import Location
from ropewalk.model.suggest import closest, did_you_mean
from ropewalk.model.target import Target


def test_every_argument_has_a_type_a_meaning_and_a_kind() -> None:
    assert set(declared()) == set(GlobalArguments.__annotations__)
    for name, entry in declared().items():
        assert entry.name == name
        assert entry.arg.help.endswith(".")
        assert entry.connector == (name in ConnectorArguments.__annotations__)
        assert entry.connector != (name in MetaArguments.__annotations__)


def test_connector_arguments_are_those_that_facts_take() -> None:
    assert connector_names() == set(ConnectorArguments.__annotations__)
    assert connector_names() > NOT_INHERITED


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("wbe1", ["web1", "db1"], "web1"),
        ("WEB1", ["web1"], "web1"),
        ("web1", ["Web1"], "Web1"),
        ("x", ["web1"], None),
        ("x", [], None),
    ],
)
def test_closest(word: str, known: list[str], found: str | None) -> None:
    assert closest(word, known) == found


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("wbe1", ["web1", "db1"], "did you mean web1?"),
        ("qqq", ["web1", "db1", "db1"], "hosts: db1, web1"),
        ("qqq", [], None),
        ("qqq", [f"h{n:02}" for n in range(12)], "hosts: h00, h01, h02, h03, h04, h05, h06, h07, h08, h09 and 2 more"),
        ("qqq", [f"h{n}" for n in range(10)], "hosts: h0, h1, h2, h3, h4, h5, h6, h7, h8, h9"),
    ],
)
def test_did_you_mean(word: str, known: list[str], hint: str | None) -> None:
    assert did_you_mean(word, known, kind="hosts") == hint


def test_locations() -> None:
    assert str(Location("d.py", 3)) == "d.py:3"
    assert str(Location("d.py", 0)) == "d.py"


def test_targets_have_data_of_their_own() -> None:
    one, two = Target("a"), Target("b")
    assert one.data == {}
    assert one.data is not two.data
