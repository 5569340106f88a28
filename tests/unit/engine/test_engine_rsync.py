"""rsync towards a host, over whatever connection there is."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from ropewalk.model.command import Rsync
from ropewalk.model.outcome import Outcome
from support.operations import run, steps
from support.play import Stage, play, run_async
from support.processes import eventually, runs

HOSTILE = ("plain", "a b", "$(touch made)", "-n", "qu'ote")
#: Asks for a password, and notes what it was given.
SUDO = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
printf '%s' "$SUDO_PROMPT" >&2
IFS= read -r given
echo "$given" >> "$(dirname "$0")/log"
exec "$@"
"""
RSYNC = '#!/bin/sh\nprintf "%s|" "$@" > "$RSYNC_LOG"\n[ ! -e "$RSYNC_LOG.fails" ] || { echo no >&2; exit 23; }\n'


@pytest.fixture
def rsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name; returns where it writes its arguments."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "rsync").write_text(RSYNC)
    (tmp_path / "bin" / "rsync").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("RSYNC_LOG", str(tmp_path / "log"))
    return tmp_path / "log"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What is to be copied."""
    if shutil.which("rsync") is None:
        pytest.skip("needs rsync")
    (tmp_path / "tree").mkdir()
    for number, name in enumerate(HOSTILE):
        (tmp_path / "tree" / name).write_bytes(os.urandom(number * 100_000))
    return tmp_path / "tree"


def _same(one: Path, two: Path) -> bool:
    return {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in two.iterdir()
    }


@pytest.mark.parametrize("dest", ["there", *HOSTILE, "colon:colon"])
def test_rsync(tree: Path, dest: str) -> None:
    played = play(lambda: steps(Rsync(f"{tree}/", dest, ("-a",)), name="x"), plan=False)
    assert played.ended("x").failure is None
    machine = played.machines["a"]
    assert _same(tree, machine.path(dest))
    assert [path.name for path in machine.cwd.iterdir()] == [dest]


def test_rsync_updates_what_is_there(tree: Path) -> None:
    def deploy() -> None:
        steps(Rsync(f"{tree}/", "there", ("-a",)), name="1")
        run("echo more >> 'there/a b'; touch there/other", name="2")
        steps(Rsync(f"{tree}/", "there", ("-a", "--delete", "--checksum")), name="3")

    played = play(deploy, plan=False)
    assert played.result.ok
    assert _same(tree, played.machines["a"].path("there"))


def test_rsync_with_a_sudo_password(tree: Path, tmp_path: Path) -> None:
    stage = Stage(config={"SUDO": True, "SUDO_PASSWORD": "hunter2"})
    stage.machines["a"].programs = programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "sudo").write_text(SUDO)
    (programs / "sudo").chmod(0o755)
    played = stage.play(lambda: steps(Rsync(f"{tree}/", "there", ("-a",)), name="x"), plan=False)
    assert played.ended("x").failure is None
    assert _same(tree, played.machines["a"].path("there"))
    assert (programs / "log").read_text() == "hunter2\n"


def test_rsync_in_another_directory_and_environment(tree: Path) -> None:
    def deploy() -> None:
        run("mkdir folder", name="1")
        flags = ("-a", "--rsync-path", 'echo "$WHERE" > env; rsync')
        steps(Rsync(f"{tree}/", "there", flags), name="2", _chdir="folder", _env={"WHERE": "he re"})

    played = play(deploy, plan=False)
    assert played.result.ok
    assert _same(tree, played.machines["a"].path("folder/there"))
    assert played.machines["a"].read("folder/env") == "he re\n"


def test_rsync_says_what_the_host_says(tree: Path) -> None:
    flags = ("-a", "--rsync-path", "nowhere-to-be-found")
    failure = play(lambda: steps(Rsync(f"{tree}/", "there", flags), name="x"), plan=False).ended("x").failure
    assert failure.message.startswith("rsync: exit status 1")
    assert "nowhere-to-be-found: not found" in failure.message
    assert "files.sync" in failure.hint


def test_rsync_takes_no_longer_than_its_timeout(tree: Path) -> None:
    flags = ("-a", "--rsync-path", "exec sleep 600; rsync")
    played = play(lambda: steps(Rsync(f"{tree}/", "there", flags), name="x", _timeout=0.3), plan=False)
    failure = played.ended("x").failure
    assert failure.message == "rsync: stopped after 0.3 s (_timeout)"


def test_rsync_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stage = Stage()
    os.symlink(shutil.which("sh") or "/bin/sh", tmp_path / "sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    failure = stage.play(lambda: steps(Rsync("x", "/y"), name="x"), plan=False).ended("x").failure
    assert failure.message == "there is no rsync on this machine"


def test_rsync_that_fails(rsync: Path) -> None:
    Path(f"{rsync}.fails").write_text("")
    played = play(lambda: steps(Rsync("x", "/y"), name="x"), plan=False)
    assert played.ended("x").failure.message == "rsync: exit status 23: no"


def test_rsync_that_is_interrupted(rsync: Path, tmp_path: Path) -> None:
    (tmp_path / "bin" / "rsync").write_text('#!/bin/sh\necho $$ > "$RSYNC_LOG"\nexec sleep 100\n')
    stage = Stage()

    async def main() -> Any:
        made = stage.prepare(lambda: steps(Rsync("x", "/y"), name="x"), plan=False)
        performing = asyncio.ensure_future(stage.perform(made))
        assert await asyncio.to_thread(eventually, lambda: rsync.exists() and rsync.read_text().strip() != "")
        made.stop()
        return await performing

    played = run_async(main())
    assert played.ended("x").outcome is Outcome.CANCELLED
    assert eventually(lambda: not runs(int(rsync.read_text())))
