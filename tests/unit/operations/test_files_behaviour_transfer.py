"""files.download and sync, carried out in a real shell: do they do it, and only once?"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from ropewalk.model.errors import OperationError
from ropewalk.operations import files
from support.apply_steps import CommandFailed, Machine
from support.hostile import NAMES


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


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
    with pytest.raises(OperationError, match="is a directory here and something else"):
        here.evaluate(files.sync, "site", str(host / "www" / "a"))
