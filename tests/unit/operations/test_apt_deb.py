"""apt.deb: files on the host and behind URLs."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from ropewalk.facts.apt_state import AptPreview, DebUrl
from ropewalk.facts.deb import DebPackage, DebPackages
from ropewalk.model.command import Change
from ropewalk.model.errors import OperationError
from ropewalk.operations import apt
from ropewalk.operations.apt.command import apt_get
from ropewalk.testing import evaluate

NEW = {"name": "agent", "version": "2"}


def deb(src, package=NEW, installed=(), preview=None, **how):
    have = {"agent": set(installed)} if installed else {}
    facts = {DebPackage: package, DebUrl: package, DebPackages: have, AptPreview: preview}
    return evaluate(apt.deb, src, facts=facts, **how)


@pytest.mark.parametrize("src", ["/a.deb", "https://h/a.deb"])
def test_nothing_to_do(src):
    assert deb(src, installed=["2"]).noop == "agent 2 is installed"
    assert deb(src, installed=["1"], present=False).noop == "agent 2 is not installed"
    assert deb(src, present=False).noop == "agent 2 is not installed"


@pytest.mark.parametrize(
    ("src", "word"), [("/a.deb", "/a.deb"), ("a.deb", "./a.deb"), ("./a.deb", "./a.deb"), ("-a b.deb", "./-a b.deb")]
)
def test_a_path_is_installed(src, word):
    assert deb(src, installed=["1"]).steps == [
        Change("agent", "1", "2"),
        apt_get("install", "--allow-downgrades", word),
    ]


def test_force():
    assert deb("/a.deb", force=True).steps[-1] == apt_get("install", "/a.deb", force=True)
    assert deb("/a.deb", installed=["2"], present=False, force=True).steps[-1] == apt_get("remove", "agent", force=True)


def test_a_file_that_is_not_there_yet():
    assert deb("/a.deb", package=None).steps == [apt_get("install", "--allow-downgrades", "/a.deb")]
    with pytest.raises(OperationError, match="not a package file"):
        deb("/a.deb", package=None, present=False)


def test_a_removal_shows_what_goes_with_it():
    also = [{"name": name, "before": "2", "after": None} for name in ("agent", "agent-plugin")]
    assert deb("/a.deb", installed=["2"], preview=also, present=False).steps == [
        Change("agent", "2", None),
        Change("agent-plugin", "2", None),
        apt_get("remove", "agent"),
    ]


@pytest.mark.parametrize("fetcher", ["curl", "wget"])
@pytest.mark.parametrize("url", ["https://h/a.deb", "https://h/a b;touch x.deb?$(id)'\""])
@pytest.mark.parametrize("status", [0, 3])
def test_a_url_is_fetched_installed_and_cleaned_up(tmp_path, fetcher, url, status):
    programs, temporary = tmp_path / "bin", tmp_path / "tmp"
    programs.mkdir(), temporary.mkdir()
    for name in ("mktemp", "chmod", "rm", "cat", "sh"):
        (programs / name).symlink_to(shutil.which(name) or name)
    _program(programs / fetcher, f'for last; do :; done; echo "$last" > {tmp_path}/url; o=; for a; do '
             'case $o in -o|-O) echo package > "$a";; esac; o=$a; done')  # fmt: skip
    _program(programs / "apt-get", f'for last; do :; done; cat "$last" > {tmp_path}/installed; exit {status}')
    command = deb(url).steps[-1].render()
    done = subprocess.run(["sh", "-c", command], env={"PATH": str(programs), "TMPDIR": str(temporary)}, check=False)
    assert done.returncode == status
    assert (tmp_path / "url").read_text() == f"{url}\n"
    assert (tmp_path / "installed").read_text() == "package\n"
    assert list(temporary.iterdir()) == []


def test_a_url_that_cannot_be_fetched_is_not_installed(tmp_path):
    for name in ("mktemp", "chmod", "rm", "sh"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    _program(tmp_path / "curl", "exit 22")
    _program(tmp_path / "apt-get", f"touch {tmp_path}/called")
    command = deb("https://h/a.deb").steps[-1].render()
    assert subprocess.run(["sh", "-c", command], env={"PATH": str(tmp_path)}, check=False).returncode == 22
    assert not (tmp_path / "called").exists()


def _program(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
