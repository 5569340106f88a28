"""files.copy, move, rsync, unarchive, flags: what they yield. What the commands do, test_files_behaviour shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ropewalk.facts.files import Directory, File, Flags, Link, Sha1File
from ropewalk.facts.files.tree import Entry, TreeHashes
from ropewalk.model.command import Change, Raw, Rsync, Upload, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import files
from ropewalk.testing import evaluate
from ropewalk.testing.steps import fact_key

HAVE = {"user": "root", "group": "root", "mode": 644, "size": 5}


def at(fact: type, **values: Any) -> dict[Any, Any]:
    return {fact_key(fact, path=f"/{name.replace('_', '/')}"): value for name, value in values.items()}


COPY = at(Directory, f=False, d=HAVE, to=HAVE) | at(File, f=HAVE)
TREE = {".": Entry("directory", 755, "a", "a", 1), "f": Entry("file", 644, "a", "a", 1, "sha")}


@pytest.mark.parametrize(
    ("facts", "arguments", "steps"),
    [
        (at(File, to_f=None), {}, [sh("cp", "-r", "/f", "/to")]),
        (at(File, to_f=None), {"overwrite": True}, [sh("cp", "-r", "-f", "/f", "/to")]),
        (at(File, to_f=HAVE) | at(Sha1File, f="1", to_f="1"), {}, []),
        (at(File, to_f=HAVE) | at(Sha1File, f="1", to_f="1"), {"overwrite": True}, []),
        (at(File, to_f=HAVE) | at(Sha1File, f="1", to_f="2"), {"overwrite": True}, [sh("cp", "-r", "-f", "/f", "/to")]),
        (at(Directory, to_d=None), {"src": "/d/"}, [sh("cp", "-r", "/d/", "/to")]),
        (at(Directory, to_d=HAVE) | {TreeHashes: TREE}, {"src": "/d"}, []),
        (
            at(Directory, to_d=HAVE) | at(TreeHashes, d=TREE, to_d={".": TREE["."]}),
            {"src": "/d"},
            [sh("cp", "-r", "/d", "/to")],
        ),
        (
            at(Directory, to_d=HAVE) | {TreeHashes: {"f": Entry("file", 644, "a", "a", 1)}},
            {"src": "/d"},
            [sh("cp", "-r", "/d", "/to")],
        ),
    ],
)
def test_copy(facts: dict[Any, Any], arguments: dict[str, Any], steps: list[Any]) -> None:
    facts = COPY | facts | {fact_key(Directory, path="/d/"): HAVE}
    assert evaluate(files.copy, **{"src": "/f", "dest": "/to", **arguments}, facts=facts).steps == steps


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (at(Directory, f=False) | at(File, f=None), "/f is neither a file nor a directory"),
        (COPY | at(Directory, to=None), "/to is not a directory"),
        (COPY | at(File, to_f=HAVE) | at(Sha1File, f="1", to_f="2"), "/to/f is there, and differs from /f"),
        (COPY | at(File, to_f=False) | at(Link, to_f={"link_target": "x"}), "/to/f is a link to x, and /f is not"),
    ],
)
def test_copy_that_cannot_be(facts: dict[Any, Any], message: str) -> None:
    with pytest.raises(OperationError, match=message):
        evaluate(files.copy, "/f", "/to", facts=facts)


@pytest.mark.parametrize(
    ("facts", "arguments", "steps"),
    [
        (at(File, f=HAVE, to_f=None), {}, [sh("mv", "/f", "/to")]),
        (at(File, f=False, to_f=None), {}, [sh("mv", "/f", "/to")]),
        (at(File, f=None, to_f=HAVE), {}, []),
    ],
)
def test_move(facts: dict[Any, Any], arguments: dict[str, Any], steps: list[Any]) -> None:
    assert evaluate(files.move, "/f", "/to", facts={Directory: HAVE, **facts}, **arguments).steps == steps


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({Directory: None}, "/to is not a directory"),
        ({Directory: HAVE, File: None}, "/f does not exist on the host, nor does /to/f"),
        ({Directory: HAVE, File: HAVE}, "/to/f is there already"),
    ],
)
def test_move_that_cannot_be(facts: dict[Any, Any], message: str) -> None:
    with pytest.raises(OperationError, match=message):
        evaluate(files.move, "/f", "/to", facts=facts)


def test_rsync() -> None:
    assert evaluate(files.rsync, "src/", "/d").steps == [Rsync("src/", "/d", ("-ax", "--delete"))]
    assert evaluate(files.rsync, "src/", "/d", flags=["-r"]).steps == [Rsync("src/", "/d", ("-r",))]


@pytest.mark.parametrize(
    ("have", "arguments", "steps"),
    [
        ([], {"flags": "schg"}, [Change("flag schg", "clear", "set"), sh("chflags", "schg", "/f")]),
        (["schg"], {"flags": ["schg"]}, []),
        (["schg"], {"flags": ["uchg", "schg"]}, [Change("flag uchg", "clear", "set"), sh("chflags", "uchg", "/f")]),
        (["a"], {"flags": "a", "present": False}, [Change("flag a", "set", "clear"), sh("chflags", "noa", "/f")]),
        (["nodump"], {"flags": "nodump", "present": False},
         [Change("flag nodump", "set", "clear"), sh("chflags", "dump", "/f")]),
        ([], {"flags": "schg", "present": False}, []),
        ([], {}, []),
    ],
)  # fmt: skip
def test_flags(have: list[str], arguments: dict[str, Any], steps: list[Any]) -> None:
    done = evaluate(files.flags, "/f", facts={Flags: have}, **arguments)
    assert done.steps == steps
    assert bool(done.noop) is not bool(steps)


def test_flags_where_there_are_none() -> None:
    with pytest.raises(OperationError, match="the flags of /f cannot be read"):
        evaluate(files.flags, "/f", "schg", facts={Flags: None})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/x.tar", ["tar", "-x", "-f", "/x.tar", "-C", "/d"]),
        ("/x.tar.gz", ["tar", "-xz", "-f", "/x.tar.gz", "-C", "/d"]),
        ("/x.TGZ", ["tar", "-xz", "-f", "/x.TGZ", "-C", "/d"]),
        ("/x.tbz2", ["tar", "-xj", "-f", "/x.tbz2", "-C", "/d"]),
        ("/x.tar.xz", ["tar", "-xJ", "-f", "/x.tar.xz", "-C", "/d"]),
        ("/x.tar.zst", ["tar", "-x", "--zstd", "-f", "/x.tar.zst", "-C", "/d"]),
        ("/x.zip", ["unzip", "-q", "-o", "/x.zip", "-d", "/d"]),
    ],
)
def test_unarchive(name: str, words: list[str]) -> None:
    facts = {File: HAVE, Directory: HAVE}
    assert evaluate(files.unarchive, name, "/d", remote_src=True, facts=facts).steps == [sh(*words)]


def test_unarchive_with_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ropewalk.api.host.Host.get_temp_filename", lambda self: "/tmp/archive")
    (tmp_path / "x.tar").touch()
    done = evaluate(
        files.unarchive, "x.tar", "/d", extra_opts=["--strip-components 1", "-v"], user="u", facts={Directory: HAVE}
    )
    words = ("tar", "-x", "--strip-components", "1", "-v", "-f", "/tmp/archive", "-C", "/d")
    assert done.steps == [
        Upload(str(tmp_path / "x.tar"), "/tmp/archive", "600"),
        sh("trap", sh("rm", "-f", "/tmp/archive"), Raw("EXIT;"), *words),
        sh("chown", "-R", "u", "/d"),
    ]


def test_unarchive_with_an_open_quote() -> None:
    with pytest.raises(OperationValueError, match="No closing quotation"):
        evaluate(files.unarchive, "x.tar", "/d", extra_opts=["--exclude='x"], facts={Directory: HAVE})


@pytest.mark.parametrize("there", [HAVE, False])
def test_unarchive_what_has_been(there: Any) -> None:
    assert evaluate(files.unarchive, "x.tar", "/d", creates="/d/x", facts={File: there}).noop


@pytest.mark.parametrize(
    ("name", "facts", "message"),
    [
        ("/x.tar", {Directory: None}, "/d is not a directory"),
        ("/x.tar", {Directory: HAVE, File: None}, "the archive /x.tar does not exist on the host"),
        ("/x.rar", {}, "no ending of an archive"),
    ],
)
def test_unarchive_that_cannot_be(name: str, facts: dict[Any, Any], message: str) -> None:
    with pytest.raises((OperationError, OperationValueError), match=message):
        evaluate(files.unarchive, name, "/d", remote_src=True, facts=facts)


def test_a_local_archive_has_to_be_there() -> None:
    with pytest.raises(OperationError, match=r"the local file .*/none\.tar does not exist"):
        evaluate(files.unarchive, "none.tar", "/d", facts={Directory: HAVE})
