"""files.file, directory, link: what they yield."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from ropewalk.facts.files import Directory, File, Link
from ropewalk.facts.files.same import SameFile
from ropewalk.model.command import Change, Upload, sh
from ropewalk.model.errors import OperationError, OperationTypeError, OperationValueError
from ropewalk.operations import files
from ropewalk.testing import evaluate
from ropewalk.testing.steps import fact_key

HAVE = {"user": "root", "group": "root", "mode": 755, "size": 0}
LINK = {**HAVE, "mode": 777, "link_target": "/t"}
PARENT = fact_key(Directory, path="/d")
NO_PARENT = {PARENT: None}
IS_PARENT = {PARENT: HAVE}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ropewalk.operations.files.obstacles.stamp", lambda: "NOW")


@pytest.mark.parametrize(
    ("have", "arguments", "steps"),
    [
        pytest.param(None, {}, [sh("touch", "/d/x")], id="made"),
        pytest.param(None, {"touch": True}, [sh("touch", "/d/x")], id="made, once"),
        pytest.param(None, {"mode": 600, "user": "u"}, [Upload(b"", "/d/x", "600", "u")], id="made with its mode"),
        pytest.param(None, {"present": False}, [], id="absent as wanted"),
        pytest.param(HAVE, {}, [], id="there"),
        pytest.param(HAVE, {"touch": True}, [sh("touch", "/d/x")], id="touched"),
        pytest.param(HAVE, {"mode": "755", "user": "root", "group": "root"}, [], id="as wanted"),
        pytest.param(HAVE, {"mode": 700}, [Change("mode", "755", "700"), sh("chmod", "700", "/d/x")], id="mode"),
        pytest.param(
            HAVE,
            {"mode": 4700, "user": "u", "group": "g"},
            [Change("user", "root", "u"), Change("group", "root", "g"), Change("mode", "755", "4700"),
             sh("chown", "u:g", "/d/x"), sh("chmod", "4700", "/d/x")],
            id="owner before mode",
        ),
        pytest.param(HAVE, {"present": False}, [sh("rm", "-f", "/d/x")], id="removed"),
    ],
)  # fmt: skip
def test_file(have: Any, arguments: dict[str, Any], steps: list[Any]) -> None:
    done = evaluate(files.file, "/d/x", facts={File: have, **IS_PARENT}, **arguments)
    assert done.steps == steps
    assert bool(done.noop) is not bool(steps)


@pytest.mark.parametrize("operation", [files.file, files.link])
def test_the_directory_is_made(operation: Any) -> None:
    more = {"target": "/t"} if operation is files.link else {}
    facts = {File: None, Link: None}
    first, second, *_ = evaluate(operation, "/d/x", user="u", group="g", facts={**facts, **NO_PARENT}, **more).steps
    assert [first, second] == [sh("mkdir", "-p", "/d"), sh("chown", "u:g", "/d")]
    steps = evaluate(operation, "/d/x", create_remote_dir=False, facts=facts, **more).steps
    assert sh("mkdir", "-p", "/d") not in steps
    assert evaluate(operation, "x", facts=facts, **more).steps
    assert evaluate(operation, "/x", facts=facts, **more).steps


@pytest.mark.parametrize(
    ("have", "arguments", "steps"),
    [
        pytest.param(None, {}, [sh("mkdir", "-p", "/d/x")], id="made"),
        pytest.param(None, {"mode": "0700"}, [sh("mkdir", "-p", "-m", "700", "/d/x")], id="made with its mode"),
        pytest.param(
            None,
            {"mode": "g+s", "user": "u"},
            [sh("mkdir", "-p", "/d/x"), sh("chown", "u", "/d/x"), sh("chmod", "g+s", "/d/x")],
            id="symbols need a mode to start from",
        ),
        pytest.param(None, {"present": False}, [], id="absent as wanted"),
        pytest.param(HAVE, {}, [], id="there"),
        pytest.param(HAVE, {"present": False}, [sh("rm", "-rf", "/d/x")], id="removed"),
        pytest.param(
            HAVE,
            {"mode": 700, "recursive": True},
            [Change("mode", "755", "700"), sh("chmod", "-R", "700", "/d/x")],
            id="mode, recursive",
        ),
        pytest.param(HAVE, {"user": "root", "mode": 755, "recursive": True}, [], id="recursive only when it is wrong"),
        pytest.param(
            HAVE,
            {"group": "g", "recursive": True},
            [Change("group", "root", "g"), sh("chgrp", "-R", "g", "/d/x")],
            id="group, recursive",
        ),
        pytest.param(HAVE, {"mode": 700, "_no_check_owner_mode": True}, [], id="owner and mode left alone"),
    ],
)
def test_directory(have: Any, arguments: dict[str, Any], steps: list[Any]) -> None:
    done = evaluate(files.directory, "/d/x", facts={Directory: have}, **arguments)
    assert done.steps == steps
    assert bool(done.noop) is not bool(steps)


def test_a_link_may_do_for_a_directory() -> None:
    facts = {Directory: False, Link: LINK}
    assert evaluate(files.directory, "/d/x", _no_fail_on_link=True, facts=facts).noop
    with pytest.raises(OperationError, match="/d/x is a link to /t, not a directory"):
        evaluate(files.directory, "/d/x", facts=facts)


@pytest.mark.parametrize(
    ("have", "arguments", "steps"),
    [
        pytest.param(None, {}, [sh("ln", "-s", "/t", "/d/x")], id="made"),
        pytest.param(
            None, {"group": "g"}, [sh("ln", "-s", "/t", "/d/x"), sh("chgrp", "-h", "g", "/d/x")], id="made for a group"
        ),
        pytest.param(LINK, {}, [], id="there"),
        pytest.param(LINK, {"user": "root"}, [], id="there, owner too"),
        pytest.param(
            LINK, {"user": "u"}, [Change("user", "root", "u"), sh("chown", "-h", "u", "/d/x")], id="another owner"
        ),
        pytest.param(
            {**LINK, "link_target": "/old"},
            {"user": "root"},
            [Change("target", "/old", "/t"), sh("ln", "-sfn", "/t", "/d/x"), sh("chown", "-h", "root", "/d/x")],
            id="a new link gets its owner, whoever had the old one",
        ),
        pytest.param(None, {"present": False}, [], id="absent as wanted"),
        pytest.param(LINK, {"present": False}, [sh("rm", "-f", "/d/x")], id="removed"),
    ],
)
def test_link(have: Any, arguments: dict[str, Any], steps: list[Any]) -> None:
    done = evaluate(files.link, "/d/x", "/t", facts={Link: have, **IS_PARENT}, **arguments)
    assert done.steps == steps
    assert bool(done.noop) is not bool(steps)


@pytest.mark.parametrize(
    ("facts", "arguments", "steps"),
    [
        pytest.param({File: None}, {}, [sh("ln", "/t", "/d/x")], id="made"),
        pytest.param({File: None}, {"user": "u"}, [sh("ln", "/t", "/d/x"), sh("chown", "u", "/d/x")], id="for a user"),
        pytest.param({File: HAVE, SameFile: True}, {}, [], id="there"),
        pytest.param(
            {File: HAVE, SameFile: True},
            {"user": "u"},
            [Change("user", "root", "u"), sh("chown", "u", "/d/x")],
            id="owner",
        ),
        pytest.param(
            {File: HAVE, SameFile: False, Link: False, Directory: False},
            {"force": True},
            [Change("type", "a file", "a hard link to /t"), sh("mv", "/d/x", "/d/x.NOW"), sh("ln", "/t", "/d/x")],
            id="another file, forced",
        ),
        pytest.param({File: HAVE}, {"present": False}, [sh("rm", "-f", "/d/x")], id="removed"),
        pytest.param({File: None}, {"present": False}, [], id="absent as wanted"),
    ],
)
def test_hard_link(facts: dict[Any, Any], arguments: dict[str, Any], steps: list[Any]) -> None:
    done = evaluate(files.link, "/d/x", "/t", symbolic=False, facts={**facts, **IS_PARENT}, **arguments)
    assert done.steps == steps


OBSTACLES = [
    (files.file, {}, "file", {File: False, Link: LINK}, "a link to /t"),
    (files.file, {}, "file", {File: False, Link: False, Directory: HAVE}, "a directory"),
    (files.directory, {}, "directory", {Directory: False, Link: False, File: HAVE}, "a file"),
    (files.directory, {}, "directory", {Directory: False, Link: False, File: False}, "something else"),
    (files.link, {"target": "/t"}, "link", {Link: False, Directory: HAVE}, "a directory"),
]


@pytest.mark.parametrize(("operation", "more", "wanted", "facts", "there"), OBSTACLES)
@pytest.mark.parametrize("present", [True, False])
def test_what_is_in_the_way(
    operation: Any, more: dict[str, str], wanted: str, facts: dict[Any, Any], there: str, present: bool
) -> None:
    facts = {**facts, PARENT: HAVE}
    with pytest.raises(OperationError, match=f"/d/x is {there}, not a {wanted}"):
        evaluate(operation, "/d/x", present=present, facts=facts, **more)
    change = Change("type", there, f"a {wanted}")
    for force, step in [
        ({}, sh("mv", "/d/x", "/d/x.NOW")),
        ({"force_backup_dir": "/old"}, sh("mv", "/d/x", "/old/x.NOW")),
        ({"force_backup": False}, sh("rm", "-rf", "/d/x")),
    ]:
        steps = evaluate(operation, "/d/x", present=present, force=True, facts=facts, **more, **force).steps
        assert steps[:2] == [change, step]
        assert bool(steps[2:]) is present


def test_paths_may_be_objects() -> None:
    assert evaluate(files.file, PurePosixPath("/d/x"), facts={File: HAVE}).steps == []
    for operation in (files.file, files.directory, files.link):
        with pytest.raises(OperationTypeError, match="`path` must be text"):
            evaluate(operation, 5)


def test_a_link_needs_a_target() -> None:
    with pytest.raises(OperationValueError, match="what should /d/x point to"):
        evaluate(files.link, "/d/x")


def test_home_and_dashes() -> None:
    assert str(evaluate(files.file, "~/my x", facts={File: HAVE}, present=False).steps[0]) == "rm -f ~/'my x'"
    assert str(evaluate(files.file, "-rf", facts={File: HAVE}, present=False).steps[0]) == "rm -f ./-rf"
