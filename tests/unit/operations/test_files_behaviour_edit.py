"""files.line, replace, block, carried out in a real shell: do they do it, and only once?"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ropewalk.facts.files import FileContents
from ropewalk.model.command import Diff, Secret, Upload
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import files
from support.apply_steps import CommandFailed, Machine
from support.hostile import HOSTILE


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- line ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_a_literal_line_is_added_once_and_removed(here: Machine, host: Path, text: str) -> None:
    path = host / "f"
    path.write_text("first\n")
    here.converge(files.line, "f", text, escape_regex_characters=True)
    assert path.read_text() == f"first\n{text}\n"
    here.converge(files.line, "f", text, escape_regex_characters=True, present=False)
    assert path.read_text() == "first\n"


@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize("text", [text for text in HOSTILE if "\\" not in text])
def test_lines_become_the_replacement_whatever_it_holds(
    here: Machine, host: Path, text: str, extended: bool
) -> None:  # fmt: skip
    path = host / "f"
    path.write_text("one\nkey = 1\n#key = 2\n")
    here.converge(files.line, "f", "key = ", replace=text, extended_regex=extended)
    assert path.read_text() == f"one\n{text}\n{text}\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_replacement_that_is_missing_is_appended_once(here: Machine, host: Path, text: str) -> None:
    path = host / "f"
    path.write_text("one")
    here.converge(files.line, "f", "no such line", replace=text)
    assert path.read_text() == f"one\n{text}\n", "the last line had no line end, and is whole all the same"


@pytest.mark.parametrize("text", [".*", "a\\.b", "^a[0-9]*$", "x* y"])
def test_a_pattern_that_does_not_match_itself_is_appended_once(here: Machine, host: Path, text: str) -> None:
    (host / "f").write_text("")
    here.converge(files.line, "f", text)


@pytest.mark.parametrize(
    ("before", "arguments", "after"),
    [
        ("a\nfoo\n", {"line": "^foo$"}, "a\nfoo\n"),
        ("a\n", {"line": "^foo$"}, "a\nfoo\n"),
        (None, {"line": "^foo$"}, "foo\n"),
        ("", {"line": "foo"}, "foo\n"),
        ("", {"line": "foo", "ensure_newline": True}, "foo\n"),
        ("a", {"line": "foo", "ensure_newline": True}, "a\nfoo\n"),
        ("k=1\n", {"line": r"\(k\)=.*", "replace": r"\1=2"}, "k=2\n"),
        ("k=1\n", {"line": "(k)=.*", "replace": r"\1=2", "extended_regex": True}, "k=2\n"),
        ("K=1\nk=1\n", {"line": "k=1", "replace": "k=2", "flags": ["I"]}, "k=2\nk=2\n"),
        ("a/b\n", {"line": "a/b", "replace": "c/d&e"}, "c/d&e\n"),
        ("a/b\n", {"line": r"a\/b", "replace": r"c\/d"}, "c/d\n"),
        ("a\nb\nab\n", {"line": "a", "present": False}, "b\n"),
        ("A\nb\na\n", {"line": "a", "present": False, "flags": ["i"]}, "b\n"),
        (None, {"line": "a", "present": False}, None),
        ("win\r\nfoo=1\r\n", {"line": "^foo=", "replace": "foo=2\r"}, "win\r\nfoo=2\r\n"),
        ("caf\u00e9=1\n", {"line": "^caf\u00e9=", "replace": "caf\u00e9=2"}, "caf\u00e9=2\n"),
        ("a\n", {"line": "x$HOMELESS", "interpolate_variables": True}, "a\nx\n"),
        ("p=1\n", {"line": "^p=", "replace": "p=$((1 + 2))", "interpolate_variables": True}, "p=3\n"),
        ("v=\n", {"line": '^v=', "replace": 'v="$((1 + 2))"', "interpolate_variables": True}, 'v="3"\n'),
        ("p=1\n", {"line": "^p=", "replace": "p=$PWD_", "interpolate_variables": True}, "p=/a/b\n"),
        ("/a/b\nc\n", {"line": "^$PWD_$", "interpolate_variables": True, "present": False}, "c\n"),
        ("foo here\nor bar\n", {"line": "foo|bar", "replace": "x", "extended_regex": True}, "x\nx\n"),
        ("a foo\nbar z\nb\n", {"line": r"^a foo\|bar", "replace": "x"}, "x\nx\nb\n"),
        ("#Port 22\n", {"line": r"^#\(Port .*\)$", "replace": r"\1"}, "Port 22\n"),
        ("k\n", {"line": "^k", "replace": "a\\\\b"}, "a\\b\n"),
    ],
)  # fmt: skip
def test_line(here: Machine, host: Path, before: str | None, arguments: dict[str, object], after: str | None) -> None:
    path = host / "f"
    if before is not None:
        path.write_bytes(before.encode())
    here.converge(files.line, str(path), **arguments)
    assert (path.read_bytes().decode() if path.exists() else None) == after


def test_an_edit_keeps_owner_mode_links_and_bytes(here: Machine, host: Path) -> None:
    real = host / "real"
    real.write_bytes(b"latin \xe9\nkey=1\nno end")
    real.chmod(0o640)
    (host / "link").symlink_to("real")
    here.converge(files.line, "link", "^key=", replace="key=2")
    assert real.read_bytes() == b"latin \xe9\nkey=2\nno end"
    assert mode(real) == 0o640
    assert (host / "link").is_symlink()
    assert sorted(path.name for path in host.iterdir()) == ["link", "real"], "no temporary file is left"


def test_a_failed_edit_leaves_the_file_alone(here: Machine, host: Path) -> None:
    (host / "f").write_text("a\n")
    with pytest.raises(CommandFailed):
        here.apply(files.line, "f", "a", replace="b", flags=["nonsense"])
    assert [path.name for path in host.iterdir()] == ["f"]
    assert (host / "f").read_text() == "a\n"


@pytest.mark.parametrize("backup", [True, "orig", ".orig"])
@pytest.mark.parametrize("arguments", [{"line": "^a", "replace": "b"}, {"line": "z"}, {"line": "a", "present": False}])
def test_a_backup_holds_the_old_text(
    here: Machine, host: Path, arguments: dict[str, object], backup: bool | str
) -> None:  # fmt: skip
    (host / "f").write_text("a\n")
    here.converge(files.line, "f", backup=backup, **arguments)
    (saved,) = (path for path in host.iterdir() if path.name != "f")
    assert saved.read_text() == "a\n"
    if backup is not True:
        assert saved.name == "f.orig"


# -- replace -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "arguments", "after"),
    [
        ("a=1\n", {"text": "^a=.*", "replace": "a=2"}, "a=2\n"),
        ("a a\n", {"text": "a", "replace": "b"}, "b a\n"),
        ("a a\n", {"text": "a", "replace": "b", "flags": ["g"]}, "b b\n"),
        ("A\n", {"text": "a", "replace": "b", "flags": ["I"]}, "b\n"),
        ("x1y22\n", {"text": "[0-9]+", "replace": "N", "flags": ["g"], "extended_regex": True}, "xNyN\n"),
        ("one two\n", {"text": " ", "replace": "\n"}, "one\ntwo\n"),
        ("'q'\n", {"text": "'q'", "replace": "\"$(id)\" `id` 'x'"}, "\"$(id)\" `id` 'x'\n"),
        ("a\n", {"match": "a", "replace": "b"}, "b\n"),
        ("a\n", {"text": "a", "replace": "x\\"}, "x\\\n"),
        ("a\n", {"text": "a", "replace": ""}, "\n"),
    ],
)
def test_replace(here: Machine, host: Path, before: str, arguments: dict[str, object], after: str) -> None:
    (host / "f").write_text(before)
    if arguments.get("flags") or before != "a a\n":
        here.converge(files.replace, "f", **arguments)
    else:
        here.apply(files.replace, "f", **arguments)
    assert (host / "f").read_text() == after


def test_replacing_by_the_same_text_is_nothing_to_do(here: Machine, host: Path) -> None:
    (host / "f").write_text("a=2\n")
    assert here.evaluate(files.replace, "f", text="^a=.*", replace="a=2").steps == []


def test_replace_in_a_missing_file_fails_when_it_is_carried_out(here: Machine, host: Path) -> None:
    with pytest.raises(CommandFailed, match="missing"):
        here.apply(files.replace, "missing", text="a", replace="b")
    assert list(host.iterdir()) == []


# -- block ---------------------------------------------------------------------------------------------

B, E = "# BEGIN PYINFRA BLOCK", "# END PYINFRA BLOCK"


@pytest.mark.parametrize(
    ("before", "arguments", "after"),
    [
        (None, {"content": "x"}, f"{B}\nx\n{E}\n"),
        ("", {"content": "x"}, f"{B}\nx\n{E}\n"),
        ("a", {"content": "x"}, f"a\n{B}\nx\n{E}\n"),
        ("a\n", {"content": ["x", "y"]}, f"a\n{B}\nx\ny\n{E}\n"),
        ("a\n", {"content": "x", "before": True, "after": True}, f"{B}\nx\n{E}\na\n"),
        ("a\nb\nc\n", {"content": "x", "line": "b", "before": True}, f"a\n{B}\nx\n{E}\nb\nc\n"),
        ("a\nb\nc\n", {"content": "x", "line": "b", "after": True}, f"a\nb\n{B}\nx\n{E}\nc\n"),
        ("a\nc\n", {"content": "x", "line": "c", "after": True}, f"a\nc\n{B}\nx\n{E}\n"),
        ("a\nc\n", {"content": "x", "line": "zzz", "before": True}, f"a\nc\n{B}\nx\n{E}\n"),
        ("a\n/b/c\n", {"content": "x", "line": "/b/c", "before": True}, f"a\n{B}\nx\n{E}\n/b/c\n"),
        ("a\n/b/c\n", {"content": "x", "line": r"\/b\/c", "before": True}, f"a\n{B}\nx\n{E}\n/b/c\n"),
        (f"a\n{B}\nold\n{E}\nz\n", {"content": "x\ny"}, f"a\n{B}\nx\ny\n{E}\nz\n"),
        (f"a\n{B}\n{E}\nz\n", {"content": "x"}, f"a\n{B}\nx\n{E}\nz\n"),
        (f"{B}\n1\n{E}\na\n{B}\n2\n{E}\n", {"content": "x"}, f"{B}\nx\n{E}\na\n{B}\nx\n{E}\n"),
        (f"a\n{B}\nold\n{E}\nz\n", {"present": False}, "a\nz\n"),
        ("a\n", {"present": False}, "a\n"),
        (None, {"present": False}, None),
        ("a\n", {"content": "x", "marker": "// {mark} /* . */"}, "a\n// BEGIN /* . */\nx\n// END /* . */\n"),
        ("a\n", {"content": "x", "begin": "<", "end": ">"}, "a\n# < PYINFRA BLOCK\nx\n# > PYINFRA BLOCK\n"),
        (f"\xe9\n{B}\nold\n{E}\n", {"content": "\u2603"}, f"\xe9\n{B}\n\u2603\n{E}\n"),
    ],
)
def test_block(here: Machine, host: Path, before: str | None, arguments: dict[str, object], after: str | None) -> None:
    path = host / "f"
    if before is not None:
        path.write_text(before)
    here.converge(files.block, "f", **arguments)
    assert (path.read_text() if path.exists() else None) == after


@pytest.mark.parametrize("text", HOSTILE)
def test_a_block_holds_any_text(here: Machine, host: Path, text: str) -> None:
    (host / "f").write_bytes(b"\xff\xfe not text\n")
    here.converge(files.block, "f", content=[text, text])
    assert (host / "f").read_bytes() == b"\xff\xfe not text\n" + f"{B}\n{text}\n{text}\n{E}\n".encode()


def test_a_block_without_an_end_is_an_error(here: Machine, host: Path) -> None:
    (host / "f").write_text(f"a\n{B}\nprecious\n")
    with pytest.raises(OperationError, match="line 2"):
        here.evaluate(files.block, "f", content="x")


def test_a_block_keeps_mode_and_backup(here: Machine, host: Path) -> None:
    (host / "f").write_text("a\n")
    (host / "f").chmod(0o600)
    here.converge(files.block, "f", content="x", backup="old")
    assert mode(host / "f") == 0o600
    assert (host / "f.old").read_text() == "a\n"


# -- with and without --diff ---------------------------------------------------------------------------


def test_differences_are_read_only_when_wanted(here: Machine, host: Path) -> None:
    (host / "f").write_text("a\n")
    calls = [
        lambda machine: machine.evaluate(files.put, b"b\n", "f"),
        lambda machine: machine.evaluate(files.line, "f", "a", replace="b"),
        lambda machine: machine.evaluate(files.replace, "f", "a", "b"),
    ]
    loud = Machine(here.cwd, diff=True)
    for call in calls:
        assert FileContents not in call(here).asked
        assert [step for step in call(loud).steps if isinstance(step, Diff)] == [Diff("f", "a\n", "b\n")]
    appended = loud.evaluate(files.line, "f", "z").steps
    assert Diff("f", "a\n", "a\nz\n") in appended
    secret = loud.evaluate(files.put, Secret("hunter2\n"), "f").steps
    assert not any(isinstance(step, Diff) for step in secret)
    assert "hunter2" not in repr([step for step in secret if not isinstance(step, Upload)])


def test_values_that_make_no_sense(here: Machine) -> None:
    with pytest.raises(OperationValueError, match="line end"):
        here.evaluate(files.line, "f", "a", replace="b\nc")
