"""Facts about files: read from a scratch directory in every shell, and from recorded output of other systems."""

from __future__ import annotations

import hashlib
import os
import socket
from datetime import UTC, datetime

import pytest
from fact_reader import ReadFailed

from ropewalk.facts.files import (
    Block,
    Directory,
    File,
    FileContents,
    FindDirectories,
    FindFiles,
    FindInFile,
    FindLinks,
    Flags,
    Kind,
    Link,
    Md5File,
    Sha1File,
    Sha256File,
    Sha384File,
    Socket,
)  # fmt: skip
from ropewalk.facts.files.find import byte_count
from ropewalk.model.errors import FactProcessError, FactValueError

SHA1_OF_NOTHING = hashlib.sha1(b"").hexdigest()


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "file").write_bytes(b"one\ntwo\r\n\nthree")
    (tmp_path / "file").chmod(0o640)
    os.utime(tmp_path / "file", (1_000_000_000, 1_100_000_000))
    (tmp_path / "empty").touch()
    (tmp_path / "dir").mkdir(mode=0o755)
    (tmp_path / "dir").chmod(0o1777)
    (tmp_path / "dir" / "inner").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("a b\nc")
    (tmp_path / "to_file").symlink_to("file")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(tmp_path)
        server.bind("socket")
    return tmp_path


# -- what is at a path ----------------------------------------------------------------------------------------


def test_a_file_has_its_attributes(read, tree):
    info = read(File, str(tree / "file"))
    assert info == {
        "mode": 640,
        "user": (tree / "file").owner(),
        "group": (tree / "file").group(),
        "size": 15,
        "atime": datetime(2001, 9, 9, 1, 46, 40),
        "mtime": datetime(2004, 11, 9, 11, 33, 20),
        "ctime": datetime.fromtimestamp(int((tree / "file").stat().st_ctime), UTC).replace(tzinfo=None),
    }


@pytest.mark.parametrize(
    ("name", "fact"),
    [("file", File), ("dir", Directory), ("link", Link), ("loop", Link), ("to_file", Link), ("socket", Socket)],
)
def test_each_entry_is_of_one_kind(read, tree, name, fact):
    for other in (File, Directory, Link, Socket):
        value = read(other, str(tree / name))
        assert (value is not False) == (other is fact)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("file", "file"), ("dir", "directory"), ("link", "link"), ("to_file", "link"), ("loop", "link"),
     ("fifo", "other"), ("socket", "other"), ("absent", None), ("file/x", None), ("no/such/place", None)],
)  # fmt: skip
def test_kinds(read, tree, name, kind):
    assert read(Kind, str(tree / name)) == kind
    os.symlink(tree / "dir", tree / "to_dir")
    assert read(Kind, str(tree / "to_dir")) == "directory"


def test_a_fifo_is_none_of_them(read, tree):
    assert [read(fact, str(tree / "fifo")) for fact in (File, Directory, Link, Socket)] == [False] * 4


def test_modes_are_written_in_octal_digits(read, tree):
    assert read(Directory, str(tree / "dir"))["mode"] == 1777


def test_a_link_tells_its_target(read, tree):
    assert read(Link, str(tree / "link"))["link_target"] == "a b\nc"


@pytest.mark.parametrize("name", ["missing", "file/below", "missing/below", "to_nowhere/x"])
def test_absent_is_none(read, tree, name):
    (tree / "to_nowhere").symlink_to("nowhere")
    for fact in (File, Directory, Link, Socket, FileContents, Sha1File, FindInFile, Block):
        args = ("x",) if fact is FindInFile else ()
        assert read(fact, str(tree / name), *args) is None


@pytest.mark.parametrize("fact", [FileContents, Sha1File, Block])
def test_a_dangling_link_has_no_content(read, tree, fact):
    assert read(fact, str(tree / "link")) is None


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")
@pytest.mark.parametrize("fact", [File, Directory, FileContents, Sha1File, FindInFile, Block, FindFiles])
def test_what_may_not_be_read_is_an_error(read, tree, fact):
    for parent in [tree, *tree.parents][:-2]:
        parent.chmod(0o711)
    (tree / "dir").chmod(0o700)
    read.shell = ["setpriv", "--reuid", "65534", "--clear-groups", *read.shell]
    args = ("x",) if fact is FindInFile else ()
    with pytest.raises(ReadFailed, match=r"[Pp]ermission denied"):
        read(fact, str(tree / "dir" / "inner"), *args)


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")
@pytest.mark.parametrize("fact", [FileContents, Sha1File, FindInFile, Block])
def test_a_file_that_may_not_be_opened_is_an_error(read, tree, fact):
    for parent in [tree, *tree.parents][:-2]:
        parent.chmod(0o711)
    (tree / "file").chmod(0o600)
    read.shell = ["setpriv", "--reuid", "65534", "--clear-groups", *read.shell]
    args = ("x",) if fact is FindInFile else ()
    with pytest.raises(ReadFailed, match=r"[Pp]ermission denied"):
        read(fact, str(tree / "file"), *args)


@pytest.mark.parametrize(
    ("line", "mode", "user", "group"),
    [
        pytest.param("81a4 1 2 3 8 root:root", 644, "root", "root", id="GNU and BusyBox"),
        pytest.param("81A4 1 2 3 8 root:wheel", 644, "root", "wheel", id="BSD"),
        pytest.param("8924 1 2 3 8 UNKNOWN:UNKNOWN", 4444, "UNKNOWN", "UNKNOWN", id="nobody's"),
        pytest.param("81a4 -5 2 3 8 DOM\\ann:domain users", 644, "DOM\\ann", "domain users", id="spaces"),
        pytest.param("-rwxr-sr-t 1 root root 8 Nov 21 2020 /x", 3755, "root", "root", id="ls"),
        pytest.param("-rw-rwSr-T. 1 root root 8 Nov 21 2020 /x y", 3664, "root", "root", id="ls with SELinux"),
    ],
)
def test_listings_of_other_systems(process, line, mode, user, group):
    info = process(File, line)
    assert (info["mode"], info["user"], info["group"], info["size"]) == (mode, user, group, 8)


def test_times_of_ls(process):
    assert process(File, "-rw-r--r-- 1 a b 8 Nov 21 2020 /x")["mtime"] == datetime(2020, 11, 21)
    recent = process(File, "-rw-r--r-- 1 a b 8 Feb 29 23:59 /x")["mtime"]
    assert (recent.month, recent.day, recent.hour, recent.minute) == (2, 29, 23, 59)
    assert recent < datetime.now(UTC).replace(tzinfo=None).replace(year=datetime.now().year + 1)


def test_output_of_a_stat_that_failed_is_passed_over(process):
    assert process(File, '  File: "/x"\n81a4 1 2 3 8 root:root')["mode"] == 644


def test_a_device_of_ls_is_no_file(process):
    assert process(File, "crw-rw-rw- 1 root root 1, 3 Nov 21 2020 /dev/null") is False


@pytest.mark.parametrize("line", ["garbage", "81a4 1 2 3", "zz 1 2 3 4 a:b"])
def test_a_listing_that_makes_no_sense_is_an_error(process, line):
    with pytest.raises(FactProcessError, match="stat"):
        process(File, line)


def test_a_link_without_target_is_an_error(process):
    with pytest.raises(FactProcessError, match="leads"):
        process(Link, "a1ff 1 2 3 8 root:root")


# -- what is in a file ----------------------------------------------------------------------------------------


def test_contents_are_the_lines(read, tree):
    assert read(FileContents, str(tree / "file")) == ["one", "two\r", "", "three"]


def test_an_empty_file_is_not_an_absent_one(read, tree):
    assert read(FileContents, str(tree / "empty")) == []
    assert read(FindInFile, str(tree / "empty"), "x") == []
    assert read(Block, str(tree / "empty")) == []


def test_a_directory_has_no_contents(read, tree):
    assert read(FileContents, str(tree / "dir")) is None
    assert read(Sha1File, str(tree / "dir")) is None
    assert read(FindInFile, str(tree / "dir"), "x") == []
    assert read(Block, str(tree / "dir")) == []


@pytest.mark.parametrize(
    ("fact", "algorithm"), [(Md5File, "md5"), (Sha1File, "sha1"), (Sha256File, "sha256"), (Sha384File, "sha384")]
)
def test_checksums(read, tree, fact, algorithm):
    expected = hashlib.new(algorithm, (tree / "file").read_bytes()).hexdigest()
    assert read(fact, str(tree / "file")) == read(fact, str(tree / "to_file")) == expected


@pytest.mark.parametrize("program", ["sha1sum", "shasum", "sha1", "openssl"])
def test_any_program_that_makes_checksums_does(read, tree, program):
    programs = tree / "bin"
    programs.mkdir()
    fake = programs / program
    label = "(stdin)= " if program == "openssl" else ""
    fake.write_text(f"#!/bin/sh\n[ \"$(/bin/cat)\" = '' ] && echo '{label}{SHA1_OF_NOTHING}'\n")
    fake.chmod(0o755)
    if read.shell[0] == "busybox":
        pytest.skip("this shell has a sha1sum of its own")
    read.only_programs_in(programs)
    assert read(Sha1File, str(tree / "empty")) == SHA1_OF_NOTHING


def test_no_program_that_makes_checksums_is_an_error(read, tree):
    if read.shell[0] == "busybox":
        pytest.skip("this shell has a sha1sum of its own")
    read.only_programs_in(tree)
    with pytest.raises(ReadFailed, match="not found"):
        read(Sha1File, str(tree / "empty"))


@pytest.mark.parametrize("line", ["junk", "", SHA1_OF_NOTHING[1:], SHA1_OF_NOTHING + "0"])
def test_output_without_a_checksum_is_an_error(process, line):
    with pytest.raises(FactProcessError, match="checksum"):
        process(Sha1File, line + "\n")


@pytest.mark.parametrize(
    ("pattern", "kwargs", "found"),
    [
        ("^t", {}, ["two\r", "three"]),
        ("nothing", {}, []),
        ("t\\(wo\\|hree\\)", {}, ["two\r", "three"]),
        ("t(wo|hree)", {}, []),
        ("t(wo|hree)", {"extended_regex": True}, ["two\r", "three"]),
        ("-e", {}, []),
        ("$WORD", {}, []),
        ("^$WORD", {"interpolate_variables": True}, ["one"]),
        ("^${WORD}$", {"interpolate_variables": True, "extended_regex": True}, ["one"]),
        ('"', {"interpolate_variables": True}, []),
        ("", {}, ["one", "two\r", "", "three"]),
    ],
)
def test_find_in_file(read, tree, pattern, kwargs, found):
    read.env["WORD"] = "one"
    assert read(FindInFile, str(tree / "file"), pattern, **kwargs) == found


def test_a_pattern_that_makes_no_sense_is_an_error(read, tree):
    with pytest.raises(ReadFailed, match="grep"):
        read(FindInFile, str(tree / "file"), "[")


def test_bytes_that_are_no_text_do_not_hide_lines(read, tree):
    (tree / "latin").write_bytes(b"caf\xe9 one\nnul \x00 one\n")
    assert len(read(FindInFile, str(tree / "latin"), "one")) == 2


# -- blocks ---------------------------------------------------------------------------------------------------

BEGIN, END = "# BEGIN PYINFRA BLOCK", "# END PYINFRA BLOCK"


@pytest.mark.parametrize(
    ("text", "block"),
    [
        pytest.param(f"x\n{BEGIN}\na\n\nb\r\n{END}\ny\n", ["a", "", "b\r"], id="a block"),
        pytest.param("x\n", [], id="none"),
        pytest.param(f"{BEGIN}\n{END}\n", [], id="an empty one"),
        pytest.param(f"{BEGIN}\na\n{END}\nz\n  {BEGIN}!\nb\n{END}", ["a", "b"], id="two"),
        pytest.param(f"{BEGIN}\na", ["a"], id="without an end"),
        pytest.param(f"a\n{END}\n", [], id="without a beginning"),
    ],
)
def test_a_block_is_what_is_between_the_markers(read, tmp_path, text, block):
    path = tmp_path / "x"
    path.write_bytes(text.encode())
    assert read(Block, str(path)) == block


@pytest.mark.parametrize(
    "kwargs",
    [
        {"marker": "// {mark} /etc/x.*[a](b)\\n"},
        {"marker": "<!-- {mark} 'a' \"$HOME\" `x` -->"},
        {"marker": "{mark}", "begin": "-v", "end": "x=1"},
        {"begin": "&", "end": "\\1"},
        {"marker": "{mark}", "begin": "X", "end": "X END"},
    ],
)
def test_markers_are_literal(read, tmp_path, kwargs):
    from ropewalk.facts.files.block import markers

    first, last = markers(**kwargs)
    path = tmp_path / "x"
    path.write_text(f"before\n{first}\nin\n{last}\nafter\n")
    assert read(Block, str(path), **kwargs) == ["in"]


def test_markers_must_differ():
    with pytest.raises(FactValueError, match=r"both ends.*same text"):
        Block().command("/x", marker="same text")


# -- what is below a directory --------------------------------------------------------------------------------


def test_find(read, tree):
    top = str(tree)
    assert sorted(read(FindFiles, top)) == [f"{top}/dir/inner", f"{top}/empty", f"{top}/file"]
    assert sorted(read(FindLinks, top)) == [f"{top}/link", f"{top}/loop", f"{top}/to_file"]
    assert sorted(read(FindDirectories, top)) == [top, f"{top}/dir"]


@pytest.mark.parametrize(
    ("kwargs", "found"),
    [
        ({"maxdepth": 1}, ["empty", "file"]),
        ({"fname": "*n*"}, ["dir/inner"]),
        ({"iname": "IN*"}, ["dir/inner"]),
        ({"path_match": "*/dir/*"}, ["dir/inner"]),
        ({"regex": ".*/fi.e"}, ["file"]),
        ({"size": 5}, ["dir/inner"]),
        ({"size": "5 B"}, ["dir/inner"]),
        ({"min_size": 5}, ["file"]),
        ({"max_size": "15"}, ["dir/inner", "empty"]),
        ({"min_size": 0, "max_size": "1 kB"}, ["dir/inner", "file"]),
        ({"args": ["-perm", "640"]}, ["file"]),
        ({"args": ["-perm 640"]}, ["file"]),
        ({"args": ["\\(", "-name", "'f*'", "-o", "-name e*", "\\)"]}, ["empty", "file"]),
    ],
)
def test_find_options(read, tree, kwargs, found):
    assert sorted(read(FindFiles, str(tree), **kwargs)) == [f"{tree}/{name}" for name in found]


def test_names_with_line_ends_stay_whole(read, tmp_path):
    (tmp_path / "a\nb").touch()
    assert read(FindFiles, str(tmp_path)) == [f"{tmp_path}/a\nb"]


def test_find_below_nothing(read, tmp_path):
    assert read(FindFiles, str(tmp_path / "missing")) == []
    assert read(FindFiles, str(tmp_path)) == []


def test_find_that_fails_is_an_error(read, tmp_path):
    with pytest.raises(ReadFailed, match="nonsense"):
        read(FindFiles, str(tmp_path), args=["-nonsense"])


def test_patterns_in_the_path_only_if_asked_for(read, tree):
    (tree / "d*r").mkdir()
    assert read(FindFiles, f"{tree}/d*r") == []
    assert read(FindFiles, f"{tree}/d*r", quote_path=False) == [f"{tree}/dir/inner"]


@pytest.mark.parametrize(
    ("size", "count"),
    [(0, 0), ("10", 10), ("1kB", 1000), ("1 KiB", 1024), ("1k", 1024), ("2M", 2 << 20), ("1.5 GB", 1_500_000_000),
     ("1tb", 10**12)],
)  # fmt: skip
def test_sizes(size, count):
    assert byte_count(size) == count


@pytest.mark.parametrize("size", ["", "x", "-1", "1 apple", "1e3", "1kc"])
def test_sizes_that_make_no_sense(size):
    with pytest.raises(FactValueError, match="is not a size"):
        FindFiles().command("/", size=size)


# -- flags of BSD ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("line", "flags"), [("uarch,nodump", ["uarch", "nodump"]), ("-", []), ("", [])])
def test_flags(process, line, flags):
    assert process(Flags, line + "\n") == flags


def test_flags_need_chflags_and_stat():
    assert Flags().requires_command("/x") == "chflags"
    assert 'stat -f %Sf "$1"' in Flags().command("/x").render()
