"""The files operations, carried out on this machine in a real shell: do they do it, and only once?"""

from __future__ import annotations

import os
import stat
import subprocess
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from ropewalk.model.command import Secret, Upload
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import files
from support.apply_steps import CommandFailed, Machine

HOSTILE = [
    "plain",
    "with space",
    "-n",
    "--help",
    "it's",
    'say "hi"',
    "$HOME `id` $(id)",
    "back\\slash\\n",
    "star * ? [a-z]",
    "semi;colon & amp | pipe > out",
    "a.b+c(d){e}^f$",
    "slash/es//",
    "ünïcödé ☃",
    "tab\there",
    "!bang",
    "%s %d",
    "&",
    "#",
]
#: Names of files: as above, but for the slash.
NAMES = [name for name in HOSTILE if "/" not in name]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    (tmp_path / "local").mkdir()
    (tmp_path / "host").mkdir()
    monkeypatch.setenv("PWD_", "/a/b")
    monkeypatch.chdir(tmp_path / "host")
    return Machine(tmp_path / "local")


@pytest.fixture
def host(tmp_path: Path, here: Machine) -> Path:
    return tmp_path / "host"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- put, template -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_put_writes_a_file_of_any_name(here: Machine, host: Path, name: str) -> None:
    (here.cwd / "src").write_text(name)
    here.converge(files.put, "src", str(host / "new" / name), mode=640)
    assert (host / "new" / name).read_text() == name
    assert mode(host / "new" / name) == 0o640


@pytest.mark.parametrize("name", NAMES)
def test_put_takes_a_relative_name(here: Machine, host: Path, name: str) -> None:
    (here.cwd / "src").write_text("x")
    here.converge(files.put, "src", f"./{name}")
    assert (host / name).read_text() == "x"


@pytest.mark.parametrize(
    "source", [StringIO("text\n"), BytesIO(b"text\n"), b"text\n", Secret("text\n")], ids=lambda source: type(source)
)
def test_put_takes_content(here: Machine, host: Path, source: object) -> None:
    here.converge(files.put, source, str(host / "f"))
    assert (host / "f").read_text() == "text\n"


def test_put_writes_through_a_link(here: Machine, host: Path) -> None:
    (host / "real").write_text("old")
    (host / "link").symlink_to("real")
    here.converge(files.put, b"new", str(host / "link"))
    assert (host / "link").is_symlink()
    assert (host / "real").read_text() == "new"


def test_put_into_a_directory_keeps_the_name(here: Machine, host: Path) -> None:
    (here.cwd / "motd").write_text("x")
    (host / "dir").mkdir()
    (host / "link").symlink_to("dir")
    here.converge(files.put, "motd", str(host / "dir"))
    here.converge(files.put, "motd", str(host / "new") + "/")
    assert (host / "dir" / "motd").read_text() == (host / "new" / "motd").read_text() == "x"
    assert here.evaluate(files.put, "motd", str(host / "link")).steps == []


def test_put_reads_the_local_file_each_time(here: Machine, host: Path) -> None:
    (here.cwd / "src").write_text("one")
    here.converge(files.put, "src", str(host / "f"))
    (here.cwd / "src").write_text("two")
    here.converge(files.put, "src", str(host / "f"))
    assert (host / "f").read_text() == "two"


def test_put_copies_the_local_mode_and_times(here: Machine, host: Path) -> None:
    local = here.cwd / "src"
    local.write_text("x")
    local.chmod(0o750)
    os.utime(local, (1_000_000_000.7, 1_100_000_000.2))
    arguments = {"mode": True, "mtime": True, "atime": 1_000_000_000.5}
    here.apply(files.put, "src", str(host / "f"), **arguments)
    status = (host / "f").stat()  # before hashing reads the file
    assert (int(status.st_atime), int(status.st_mtime)) == (1_000_000_000, 1_100_000_000)
    assert mode(host / "f") == 0o750
    assert here.evaluate(files.put, "src", str(host / "f"), **arguments).steps == []


@pytest.mark.parametrize("content", [b"", b"\0\1\2\xff", b"no line end", b"crlf\r\n"])
def test_put_is_exact(here: Machine, host: Path, content: bytes) -> None:
    here.converge(files.put, content, str(host / "f"))
    assert (host / "f").read_bytes() == content


def test_template_renders(here: Machine, host: Path) -> None:
    (here.cwd / "t.j2").write_text("{{ host.name }}: {{ words | join(', ') }}\n{% include 'part' %}\n")
    (here.cwd / "part").write_text("from {{ part }}")
    here.converge(files.template, "t.j2", str(host / "f"), words=["a", "b"], part="a file", mode="600")
    assert (host / "f").read_text() == "here: a, b\nfrom a file\n"


# -- get -----------------------------------------------------------------------------------------------


def test_get_fetches_once(here: Machine, host: Path) -> None:
    (host / "f").write_text("x")
    here.converge(files.get, str(host / "f"), "sub/dir/f", create_local_dir=True)
    assert (here.cwd / "sub/dir/f").read_text() == "x"
    assert len(here.evaluate(files.get, str(host / "f"), "sub/dir/f", force=True).steps) == 1


# -- file, directory, link -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_file_comes_changes_and_goes(here: Machine, host: Path, name: str) -> None:
    path = host / name
    here.converge(files.file, name, mode=600)
    assert mode(path) == 0o600
    path.write_text("kept")
    here.converge(files.file, name, mode="u+x,g=r")
    assert (mode(path), path.read_text()) == (0o740, "kept")
    here.converge(files.file, name, present=False)
    assert not path.exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_directory_comes_changes_and_goes(here: Machine, host: Path, name: str) -> None:
    path = host / name
    here.converge(files.directory, f"{name}/below", mode="2750")
    assert mode(path / "below") == 0o2750
    here.converge(files.directory, f"{name}/below", mode=755)
    assert mode(path / "below") == 0o2755, "three digits leave the set-group-ID bit alone"
    here.converge(files.directory, f"{name}/below", mode="g-s")
    assert mode(path / "below") == 0o755
    here.converge(files.directory, name, present=False)
    assert not path.exists()


def test_recursive_reaches_what_is_below(here: Machine, host: Path) -> None:
    (host / "d" / "e").mkdir(parents=True)
    (host / "d").chmod(0o755)
    here.converge(files.directory, str(host / "d"), mode="700", recursive=True)
    assert mode(host / "d" / "e") == 0o700


@pytest.mark.parametrize("name", NAMES)
def test_a_link_comes_changes_and_goes(here: Machine, host: Path, name: str) -> None:
    here.converge(files.link, name, target=name + "1")
    assert os.readlink(host / name) == name + "1"
    (host / "dir").mkdir()
    here.converge(files.link, name, target="dir")
    here.converge(files.link, name, target="elsewhere")
    assert os.readlink(host / name) == "elsewhere"
    assert list((host / "dir").iterdir()) == [], "a link to a directory is replaced, not written into"
    here.converge(files.link, name, present=False)
    assert not os.path.lexists(host / name)


def test_a_hard_link(here: Machine, host: Path) -> None:
    (host / "f").write_text("x")
    here.converge(files.link, str(host / "sub/hard"), target=str(host / "f"), symbolic=False)
    assert (host / "sub/hard").stat().st_ino == (host / "f").stat().st_ino
    (host / "other").write_text("y")
    with pytest.raises(OperationError, match="not a hard link to"):
        here.evaluate(files.link, str(host / "other"), target=str(host / "f"), symbolic=False)
    here.converge(files.link, str(host / "sub/hard"), present=False, symbolic=False)
    assert not (host / "sub/hard").exists()


@pytest.mark.parametrize(
    ("operation", "extra"),
    [(files.file, {}), (files.directory, {}), (files.link, {"target": "t"})],
    ids=["file", "directory", "link"],
)
@pytest.mark.parametrize("obstacle", ["file", "directory", "link"])
def test_what_is_in_the_way(here: Machine, host: Path, operation: object, extra: dict[str, str], obstacle: str) -> None:
    wanted = operation.__name__  # type: ignore[attr-defined]
    if wanted == obstacle:
        pytest.skip("nothing is in the way")
    path = host / "x"
    make = {"file": path.touch, "directory": path.mkdir, "link": lambda: path.symlink_to("nowhere")}
    make[obstacle]()
    with pytest.raises(OperationError, match=f"is a {obstacle}.*, not a {wanted}") as caught:
        here.evaluate(operation, str(path), **extra)  # type: ignore[arg-type]
    assert "force" in str(caught.value.hint)
    (host / "aside").mkdir()
    here.converge(operation, str(path), force=True, force_backup_dir=str(host / "aside"), **extra)  # type: ignore[arg-type]
    (saved,) = (host / "aside").iterdir()
    assert saved.name.startswith("x.")


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


# -- download ------------------------------------------------------------------------------------------


@pytest.fixture
def url(tmp_path: Path) -> str:
    (tmp_path / "remote file").write_text("payload\n")
    return f"file://{tmp_path}/remote%20file"


SHA256 = "9a3b1adc4a3b4e3a3a5b7e0a0e0c1f7a39f6e2e9a3d0f0dcbcd0c3fba9e3d001"


@pytest.mark.parametrize("name", NAMES)
def test_download(here: Machine, host: Path, url: str, name: str) -> None:
    here.converge(files.download, url, name, mode=640)
    assert (host / name).read_text() == "payload\n"
    assert mode(host / name) == 0o640
    assert len(list(host.iterdir())) == 1


def test_download_checks_before_it_replaces(here: Machine, host: Path, url: str) -> None:
    (host / "f").write_text("old\n")
    with pytest.raises(CommandFailed, match="its sha256 is not"):
        here.apply(files.download, url, "f", sha256sum=SHA256)
    assert (host / "f").read_text() == "old\n"
    assert [path.name for path in host.iterdir()] == ["f"]


def test_download_that_fails_leaves_nothing(here: Machine, host: Path) -> None:
    with pytest.raises(CommandFailed):
        here.apply(files.download, "file:///no/such/file", "f")
    assert list(host.iterdir()) == []


@pytest.mark.parametrize("algorithm", ["sha384", "sha256", "sha1", "md5"])
def test_download_again_when_the_hash_is_another(here: Machine, host: Path, url: str, algorithm: str) -> None:
    import hashlib

    wanted = hashlib.new(algorithm, b"payload\n").hexdigest().upper()
    (host / "f").write_text("old\n")
    (host / "f").chmod(0o755)
    here.converge(files.download, url, "f", **{f"{algorithm}sum": wanted})
    assert (host / "f").read_text() == "payload\n"
    assert mode(host / "f") == 0o755, "the mode of the file that was there"


def test_download_has_the_umask_of_the_host(here: Machine, host: Path, url: str) -> None:
    old = os.umask(0o027)
    try:
        here.converge(files.download, url, "f")
        here.converge(files.download, url, "g", mode="u+x")
    finally:
        os.umask(old)
    assert (mode(host / "f"), mode(host / "g")) == (0o640, 0o740)


def test_download_when_the_file_is_old(here: Machine, host: Path, url: str) -> None:
    (host / "f").write_text("old\n")
    os.utime(host / "f", (0, 0))
    assert here.evaluate(files.download, url, "f").steps == []
    here.converge(files.download, url, "f", cache_time=3600)
    assert (host / "f").read_text() == "payload\n"


# -- sync ----------------------------------------------------------------------------------------------


def tree(root: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = ("->", os.readlink(path))
        else:
            found[name] = (oct(mode(path)), path.read_text() if path.is_file() else None)
    return found


@pytest.fixture
def site(here: Machine) -> Path:
    root = here.cwd / "site"
    (root / "a" / "b").mkdir(parents=True)
    for number, name in enumerate(NAMES):
        (root / "a" / name).write_text(f"content of {number}\n")
    (root / "a" / "b" / "run").write_text("#!/bin/sh\n")
    (root / "a" / "b" / "run").chmod(0o755)
    (root / "a" / "b").chmod(0o700)
    (root / "to-file").symlink_to("a/plain")
    (root / "to-dir").symlink_to("a")
    (root / "dangling").symlink_to("no where")
    (root / "empty").touch()
    return root


@pytest.mark.parametrize("delete", [False, True])
def test_sync_makes_the_trees_equal(here: Machine, host: Path, site: Path, delete: bool) -> None:
    here.converge(files.sync, "site", str(host / "www"), delete=delete)
    assert tree(host / "www") == tree(site)
    (site / "a" / "plain").write_text("longer than before\n")
    (site / "a" / "it's").write_text("content of X\n")
    (site / "a" / "b" / "run").chmod(0o700)
    (site / "a" / "b").chmod(0o755)
    os.remove(site / "to-file")
    (site / "to-file").symlink_to("elsewhere")
    here.converge(files.sync, "site", str(host / "www"), delete=delete)
    assert tree(host / "www") == tree(site)


def test_sync_reads_one_fact(here: Machine, host: Path, site: Path) -> None:
    done = here.apply(files.sync, "site", str(host / "www"), delete=True)
    assert len(done.asked) == 1
    assert len(here.evaluate(files.sync, "site", str(host / "www"), delete=True).asked) == 1


def test_sync_deletes_what_is_only_there(here: Machine, host: Path, site: Path) -> None:
    here.apply(files.sync, "site", str(host / "www"))
    for name in (*NAMES, "keep.log"):
        (host / "www" / f"extra {name}").write_text("x")
    (host / "www" / "extra link").symlink_to("a")
    (host / "www" / "cache").mkdir()
    (host / "www" / "cache" / "kept").write_text("x")
    (host / "www" / "gone").mkdir()
    (host / "www" / "gone" / "f").write_text("x")
    here.converge(files.sync, "site", str(host / "www"), delete=True, exclude="*.log", exclude_dir="cache")
    left = set(tree(host / "www")) - set(tree(site))
    assert left == {"extra keep.log", "cache", "cache/kept", "gone"}


def test_sync_without_delete_leaves_the_rest_alone(here: Machine, host: Path, site: Path) -> None:
    (host / "www").mkdir()
    (host / "www" / "other").write_text("x")
    here.converge(files.sync, "site", str(host / "www"))
    assert (host / "www" / "other").exists()


def test_sync_excludes(here: Machine, host: Path, site: Path) -> None:
    here.converge(files.sync, "site", str(host / "www"), exclude=("*plain", "run", "dangling"), exclude_dir=["to-dir"])
    assert {"a/plain", "a/b/run", "dangling", "to-dir"} & set(tree(host / "www")) == set()


def test_sync_sets_modes(here: Machine, host: Path, site: Path) -> None:
    here.converge(files.sync, "site", str(host / "www"), mode="640", dir_mode=750)
    here.converge(files.sync, "site", str(host / "www"), mode="u+x", dir_mode=700)
    assert mode(host / "www" / "empty") == 0o740
    assert mode(host / "www" / "a") == 0o700


def test_sync_into_a_link(here: Machine, host: Path, site: Path) -> None:
    (host / "real").mkdir()
    (host / "www").symlink_to("real")
    here.converge(files.sync, "site", str(host / "www"), delete=True)
    assert tree(host / "real") == tree(site)


def test_sync_refuses_what_is_in_the_way(here: Machine, host: Path, site: Path) -> None:
    (host / "www").mkdir()
    (host / "www" / "a").write_text("a file")
    with pytest.raises(OperationError, match="a is a directory here and a file on the host"):
        here.evaluate(files.sync, "site", str(host / "www"))
    with pytest.raises(OperationError, match="is a directory here and a"):
        here.evaluate(files.sync, "site", str(host / "www" / "a"))


# -- with and without --diff ---------------------------------------------------------------------------


def test_differences_are_read_only_when_wanted(here: Machine, host: Path, site: Path) -> None:
    from ropewalk.facts.files import FileContents
    from ropewalk.model.command import Diff

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


def test_the_shell_of_these_tests_is_there() -> None:
    assert subprocess.run(["sh", "-c", "exit 3"], check=False).returncode == 3
