"""Hosts that are made up: what their facts are, and what operations do there."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from ropewalk.facts.files import Directory, File, Kind, Link
from ropewalk.facts.server import Os, Users, Which
from ropewalk.model.command import Shell
from ropewalk.model.errors import OperationError
from ropewalk.operations import apk, files
from ropewalk.testing import World, steps_of


@pytest.mark.parametrize(("there", "file", "directory"), [(None, False, False), ("files", True, False),
                                                         ("directories", False, True)])  # fmt: skip
def test_paths(there: Literal["files", "directories"] | None, file: bool, directory: bool) -> None:
    world = World(there)
    assert bool(world.get_fact(File, (), {"path": "/x"})) is file
    assert bool(world.get_fact(Directory, (), {"path": "/x"})) is directory


def test_directories_that_are_there_where_nothing_is() -> None:
    world = World(None, directories=frozenset({"/etc"}))
    seen = [world.get_fact(fact, (), {"path": "/etc"}) for fact in (Kind, File, Link)]
    assert seen == ["directory", False, False]
    assert world.get_fact(Directory, (), {"path": "/etc"})["user"] == "root"
    assert world.get_fact(Kind, (), {"path": "/srv"}) is None


def test_what_is_asked_for_is_there_or_not() -> None:
    nothing, all_ = (World(there).get_fact(Users, (), {}) for there in (None, "files"))
    assert "ada" not in nothing
    assert "ada" in all_


def test_programs_are_always_there() -> None:
    assert World(None).get_fact(Which, (), {"command": "curl"})


def test_given_facts_come_first() -> None:
    found = World(None, facts={"Which": lambda command: command if command == "apt" else None})
    assert [found.get_fact(Which, (), {"command": name}) for name in ("apt", "dnf")] == ["apt", None]
    world = World("files", facts={"Os": "OpenBSD", "Which": OperationError("nobody knows")})
    assert world.get_fact(Os, (), {}) == "OpenBSD"
    with pytest.raises(OperationError, match="nobody knows"):
        world.get_fact(Which, (), {"command": "curl"})


@pytest.mark.parametrize(
    ("there", "present", "begin"),
    [(None, True, "apk add -- vim"), (None, False, None), ("files", True, None), ("files", False, "apk del -- vim")],
)
def test_operations(there: Any, present: bool, begin: str | None) -> None:
    commands = [str(step) for step in steps_of(apk.packages, World(there), "vim", present=present)
                if isinstance(step, Shell)]  # fmt: skip
    assert [command.startswith(begin or "") for command in commands] == ([True] if begin else [])


def test_directories_need_not_be_made() -> None:
    steps = steps_of(files.link, World(None, directories=frozenset({"/srv"})), "/srv/a", target="/srv/b")
    assert list(map(str, steps)) == ["ln -s /srv/b /srv/a"]


def test_this_machine_is_not_made_up() -> None:
    with pytest.raises(OperationError):
        World(None).blocking(lambda: 1)


def test_paths_that_are_there():
    world = World(None, directories=frozenset({"/srv"}), files=frozenset({"/srv/a"}))
    kinds = [world.get_fact(Kind, (), {"path": path}) for path in ("/srv", "/srv/a", "/srv/b")]
    assert kinds == ["directory", "other", None]
    facts = (File, Directory, Link)
    assert [bool(world.get_fact(fact, (), {"path": "/srv/a"})) for fact in facts] == [True, False, False]


def test_local_files_are_relative_to_a_directory(tmp_path):
    (tmp_path / "a").write_text("x")
    world = World(None, directories=frozenset({"/etc"}))
    steps = steps_of(files.put, world, "a", "/etc/a", _cwd=str(tmp_path))
    assert [step.source for step in steps] == [str(tmp_path / "a")]
