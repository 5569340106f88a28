"""What v3's authors of operations import from ``pyinfra.operations.util``."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ropewalk.api.meta import OperationMeta
from ropewalk.api.operation import operation
from ropewalk.api.runner import Completed
from ropewalk.compat.pyinfra.operations.util import all_changed, any_changed
from ropewalk.compat.pyinfra.operations.util import files as util
from ropewalk.compat.pyinfra.operations.util.packaging import ensure_packages
from ropewalk.compat.pyinfra.operations.util.service import handle_service_control
from ropewalk.model.errors import OperationTypeError
from ropewalk.model.outcome import Outcome
from ropewalk.testing.steps import evaluate


def meta(outcome: Outcome) -> OperationMeta:
    made = OperationMeta("x")
    made.complete(Completed(outcome))
    return made


@pytest.mark.parametrize(
    ("outcomes", "some", "every"),
    [
        ([Outcome.CHANGED, Outcome.OK], True, False),
        ([Outcome.CHANGED, Outcome.CHANGED], True, True),
        ([Outcome.OK, Outcome.SKIPPED], False, False),
    ],
)
def test_conditions_of_several_operations(outcomes: list[Outcome], some: bool, every: bool) -> None:
    metas = [meta(outcome) for outcome in outcomes]
    assert any_changed(*metas)() is some
    assert all_changed(*metas)() is every


@pytest.mark.parametrize(
    ("made", "command"),
    [
        (lambda: util.chmod("/a b", 644), "chmod 644 '/a b'"),
        (lambda: util.chmod("/a", "u+x", recursive=True), "chmod -R u+x /a"),
        (lambda: util.chown("/a", "u"), "chown u /a"),
        (lambda: util.chown("/a", None, "g"), "chgrp g /a"),
        (lambda: util.chown("/a", "u", "g", recursive=True, dereference=False), "chown -R -h u:g /a"),
        (
            lambda: util.touch("/a", util.MetadataTimeField.ATIME, datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
            "touch -a -d 2024-01-02T03:04:05Z /a",
        ),
    ],
)
def test_commands(made: Callable[[], Any], command: str) -> None:
    assert str(made()) == command


@pytest.mark.parametrize(
    ("parts", "path"),
    [(("/a/", "b"), "/a/b"), (("a", "b/"), "a/b/"), (("/",), "/"), (("/", "a"), "/a"), (("~", "x"), "~/x")],
)
def test_paths(parts: tuple[str, ...], path: str) -> None:
    assert util.unix_path_join(*parts) == path


@pytest.mark.parametrize(("mode", "number"), [("0644", 644), ("755", 755), (600, 600), ("u+x", "u+x"), (None, None)])
def test_modes(mode: Any, number: Any) -> None:
    assert util.ensure_mode_int(mode) == number


@pytest.mark.parametrize(
    ("line", "escape", "pattern"),
    [("foo", True, "^.*foo.*$"), ("^foo$", False, "^foo$"), ("^foo", False, "^foo.*$"), ("a.b", True, r"^.*a\.b.*$")],
)
def test_patterns(line: str, escape: bool, pattern: str) -> None:
    assert util.adjust_regex(line, escape) == pattern
    assert util.strip_regex_anchors("^foo$") == "foo"


@pytest.mark.parametrize("name", ["plain", "it's a file", "$(touch x)"])
@pytest.mark.parametrize(
    ("make", "before", "after"),
    [
        (lambda f: util.sed_replace(f, "/old", "/new & 'x'"), "a /old b\n", "a /new & 'x' b\n"),
        (lambda f: util.sed_replace(f, "OLD", "new", flags=["I"]), "old\n", "new\n"),
        (lambda f: util.sed_replace(f, "o+", "0", extended_regex=True), "foo\n", "f0\n"),
        (lambda f: util.sed_replace(f, "old", '"$WORD"', interpolate_variables=True), "old\n", '"word"\n'),
        (lambda f: util.sed_delete(f, "a/b"), "x\na/b\ny\n", "x\ny\n"),
    ],
)
def test_editing(tmp_path: Path, name: str, make: Callable[[str], Any], before: str, after: str) -> None:
    file = tmp_path / name
    file.write_text(before)
    subprocess.run(["sh", "-c", str(make(str(file)))], check=True, env={"PATH": "/usr/bin:/bin", "WORD": "word"})
    assert file.read_text() == after
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_editing_with_a_backup(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old\n")
    command = str(util.sed_replace(str(tmp_path / "f"), "old", "new", backup=True))
    subprocess.run(["sh", "-c", command], check=True)
    backup = next(path for path in tmp_path.iterdir() if path.name != "f")
    assert backup.read_text() == "old\n"
    assert shlex.split(command)[0] == "sed"


def test_deleting_takes_no_replacement() -> None:
    with pytest.raises(ValueError, match="in place of"):
        util.sed_delete("/f", "x", "y")


def commands(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[list[str], str | None]:
    @operation()
    def wrapped() -> Any:
        yield from function(*args, **kwargs)

    done = evaluate(wrapped)
    return [str(step) for step in done.steps if hasattr(step, "render")], done.noop


@pytest.mark.parametrize(
    ("running_now", "wish", "expected"),
    [
        (True, {"running": True}, []),
        (True, {"running": False}, ["ctl stop 'a b'"]),
        (True, {"restarted": True}, ["ctl restart 'a b'"]),
        (True, {"reloaded": True}, ["ctl reload 'a b'"]),
        (False, {"running": True, "restarted": True}, ["ctl start 'a b'"]),
        (False, {"running": False}, []),
        (False, {"command": "kick"}, ["ctl kick 'a b'"]),
    ],
)
def test_services(running_now: bool, wish: dict[str, Any], expected: list[str]) -> None:
    found, noop = commands(handle_service_control, None, "a b", {"a b": running_now}, "ctl {1} {0}", **wish)
    assert found == expected
    assert (noop is None) == bool(expected)


INSTALLED = {"a": {"1.0"}, "b": {"2.0", "2.1"}, "c": SimpleNamespace(installed_versions=("3",))}


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"packages_to_ensure": ["a", "x"]}, ["in x"]),
        ({"packages_to_ensure": "x"}, ["in x"]),
        ({"packages_to_ensure": ["a", "b"], "present": False}, ["rm a b"]),
        ({"packages_to_ensure": ["a=1.0", "b=3"], "version_join": "="}, ["in b=3"]),
        ({"packages_to_ensure": ["a", "x"], "latest": True, "upgrade_command": "up"}, ["in x", "up a"]),
        ({"packages_to_ensure": ["a", "x"], "latest": True}, ["in x"]),
        ({"packages_to_ensure": None}, []),
        ({"packages_to_ensure": ["c"]}, []),
        ({"packages_to_ensure": ["v"], "expand_package_fact": lambda name: [["a", "z"]]}, []),
    ],
)
def test_packages(wish: dict[str, Any], expected: list[str]) -> None:
    given = {"present": True, **wish}
    found, _ = commands(
        ensure_packages, None, current_packages=INSTALLED, install_command="in", uninstall_command="rm", **given
    )
    assert found == expected


def test_packages_with_versions_of_a_wrong_type() -> None:
    with pytest.raises(OperationTypeError, match="a set of text"):
        commands(ensure_packages, None, ["a"], {"a": "1.0"}, True, "in", "rm")
