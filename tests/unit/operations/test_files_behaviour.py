"""files.put, get, template, file, directory, link, carried out in a real shell: do they do it, and only once?"""

from __future__ import annotations

import os
import shutil
import stat
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from ropewalk.model.command import Secret
from ropewalk.model.errors import OperationError
from ropewalk.operations import files
from support.apply_steps import CommandFailed, Machine
from support.hostile import NAMES


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
    ("wanted", "obstacle"),
    [("file", "directory"), ("file", "link"), ("directory", "file"), ("directory", "link"), ("link", "file"),
     ("link", "directory")],
)  # fmt: skip
def test_what_is_in_the_way(here: Machine, host: Path, wanted: str, obstacle: str) -> None:
    operation, extra = getattr(files, wanted), {"target": "t"} if wanted == "link" else {}
    path = host / "x"
    make = {"file": path.touch, "directory": path.mkdir, "link": lambda: path.symlink_to("nowhere")}
    make[obstacle]()
    with pytest.raises(OperationError, match=f"is a {obstacle}.*, not a {wanted}") as caught:
        here.evaluate(operation, str(path), **extra)
    assert "force" in str(caught.value.hint)
    (host / "aside").mkdir()
    here.converge(operation, str(path), force=True, force_backup_dir=str(host / "aside"), **extra)
    (saved,) = (host / "aside").iterdir()
    assert saved.name.startswith("x.")


# -- copy, move, unarchive -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_copy(here: Machine, host: Path, name: str) -> None:
    (host / "to").mkdir()
    (host / name).write_text("x")
    here.converge(files.copy, name, "to")
    assert (host / "to" / name).read_text() == "x"
    (host / name).write_text("y")
    with pytest.raises(OperationError, match="is there, and differs"):
        here.evaluate(files.copy, name, "to")
    here.converge(files.copy, name, "to", overwrite=True)
    assert (host / "to" / name).read_text() == "y"


def test_copy_of_a_tree(here: Machine, host: Path) -> None:
    (host / "to").mkdir()
    (host / "d" / "e").mkdir(parents=True)
    (host / "d" / "e" / "f").write_text("x")
    (host / "d" / "l").symlink_to("e/f")
    here.converge(files.copy, "d/", "to")
    (host / "to" / "d" / "more").touch()
    (host / "d" / "e" / "f").write_text("y")
    here.converge(files.copy, "d", "to")
    assert (host / "to" / "d" / "e" / "f").read_text() == "y"


@pytest.mark.parametrize("name", NAMES)
def test_move(here: Machine, host: Path, name: str) -> None:
    (host / "to").mkdir()
    (host / name).write_text("x")
    here.converge(files.move, name, "to")
    assert (host / "to" / name).read_text() == "x"
    (host / name).mkdir()
    with pytest.raises(OperationError, match="is there already"):
        here.evaluate(files.move, name, "to")
    here.converge(files.move, name, "to", overwrite=True)
    assert (host / "to" / name).is_dir()
    assert [entry.name for entry in (host / "to").iterdir()] == [name]


def test_what_moves_onto_itself_stays(here: Machine, host: Path) -> None:
    (host / "to").mkdir()
    (host / "to" / "f").write_text("x")
    (host / "link").symlink_to(".")
    assert here.evaluate(files.move, "to/f", "./to", overwrite=True).steps == []
    with pytest.raises(CommandFailed):
        here.apply(files.move, "to/f", "link/to", overwrite=True)
    assert (host / "to" / "f").read_text() == "x"
    assert len(list((host / "to").iterdir())) == 1


def test_what_is_in_the_way_stays_if_the_move_fails(here: Machine, host: Path) -> None:
    (host / "d" / "to").mkdir(parents=True)
    (host / "d" / "to" / "d").write_text("kept")
    with pytest.raises(CommandFailed):
        here.apply(files.move, "d", "d/to", overwrite=True)  # a directory cannot move into itself
    assert (host / "d" / "to" / "d").read_text() == "kept"
    assert len(list((host / "d" / "to").iterdir())) == 1


@pytest.mark.parametrize("name", ["a b.tar", "-x.tar.gz", "it's.tgz", "$(id).tar.bz2", "x.txz", "X.TAR.XZ", "x.zip"])
@pytest.mark.parametrize("remote", [True, False])
def test_unarchive(
    here: Machine, host: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, remote: bool
) -> None:
    (tmp_path / "content" / "bin").mkdir(parents=True)
    (tmp_path / "content" / "bin" / "app").write_text("x")
    kind = {"tar": "tar", "gz": "gztar", "tgz": "gztar", "bz2": "bztar", "txz": "xztar", "xz": "xztar", "zip": "zip"}
    made = shutil.make_archive(str(tmp_path / "made"), kind[name.lower().rsplit(".", 1)[1]], tmp_path / "content")
    shutil.move(made, (host if remote else here.cwd) / name)
    (host / "to").mkdir()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("ropewalk.api.config.Config.TEMP_DIR", str(temporary))
    here.converge(files.unarchive, name, "to", remote_src=remote, creates="to/bin/app")
    assert (host / "to" / "bin" / "app").read_text() == "x"
    assert list(temporary.iterdir()) == []


def test_an_archive_that_is_broken_is_removed_all_the_same(
    here: Machine, host: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (here.cwd / "x.tar").write_text("not a tar file")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("ropewalk.api.config.Config.TEMP_DIR", str(tmp_path / "temporary"))
    with pytest.raises(CommandFailed):
        here.apply(files.unarchive, "x.tar", str(host))
    assert list((tmp_path / "temporary").iterdir()) == []
