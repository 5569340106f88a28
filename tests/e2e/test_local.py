"""The twenty-five operations on ``@local``: ropewalk runs inside a root file system of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support import e2e_deploy
from support.e2e_lab import Lab, script
from support.e2e_run import PROGRAM, run
from support.e2e_tree import Tree, difference, tree

PROJECT = Path(__file__).parents[2]


class Machine:
    """A root file system with this interpreter, this project and the deploy in it, at the same places as here."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._shared = {Path(sys.prefix), Path(sys.base_prefix), PROJECT, *map(Path, _source())}
        for directory in (*self._shared, e2e_deploy.DIRECTORY):
            (root / directory.relative_to("/")).mkdir(parents=True, exist_ok=True)

    def changes(self) -> Tree:
        """Return what differs from the root as it was made."""
        return tree(Path(f"{self.root}.cow") / "upper")

    def call(self, *argv: str) -> list[str]:
        """Return the command that runs another in there: mounts are private to it, and gone when it has ended."""
        binds = "; ".join(f'mount --rbind "{path}" "{self.root}{path}"' for path in sorted(self._shared))
        inner = f'set -e; {binds}; exec chroot "{self.root}" sh -c \'cd "$0" && exec "$@"\' "$@"'
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", inner, "sh", *argv]


def _source() -> list[str]:
    return [entry for entry in os.environ.get("PYTHONPATH", "").split(":") if entry]


@pytest.fixture
def machine(lab: Lab, tmp_path: Path) -> Iterator[Machine]:
    root = tmp_path / "root"
    script("chroot", str(root))
    try:
        made = Machine(root)
        probe = made.call("/", sys.executable, "-c", "import ssl, ctypes, json")
        if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
            pytest.skip("this interpreter does not run in the hosts' root file system")
        yield made
    finally:
        script("unchroot", str(root))


def test_this_machine(machine: Machine, tmp_path: Path) -> None:
    _run(machine, tmp_path, "--dry")  # once, so that what Python itself leaves behind is there
    before = machine.changes()

    planned = _run(machine, tmp_path, "--dry")
    assert difference(before, machine.changes()) == {}
    predicted = {name: hosts["@local"] for name, hosts in e2e_deploy.predicted(planned).items()}
    assert len(predicted) == e2e_deploy.OPERATIONS
    assert [name for name, prediction in predicted.items() if prediction != "change"] == ["apt"]

    applied = _run(machine, tmp_path, "-y")
    assert applied["hosts"]["@local"]["operations"]["changed"] == e2e_deploy.OPERATIONS - 1
    _check(machine)

    again = _run(machine, tmp_path, "-y")
    assert _changed(again) == set(e2e_deploy.ALWAYS)
    settled = machine.changes()
    assert _changed(_run(machine, tmp_path, "-y")) == set(e2e_deploy.ALWAYS)
    ours = os.environ["XDG_STATE_HOME"]  # what ropewalk remembers of its runs
    changed = [path for path in difference(settled, machine.changes()) if not path.startswith(ours)]
    assert changed == ["/opt/app/data/stamp"]
    left = [path for path in machine.changes() if "/.ropewalk" in path or "/ropewalk-" in path]
    assert [path for path in left if not path.startswith(ours)] == []
    _check(machine)


def _run(machine: Machine, directory: Path, *words: str) -> dict[str, Any]:
    argv = machine.call(str(e2e_deploy.DIRECTORY), *PROGRAM, *words, "--json", "@local", "deploy.py")
    return run(cwd=directory, program=argv, environment={"PYTHONDONTWRITEBYTECODE": "1"}).must(0).document


def _changed(document: dict[str, Any]) -> set[str]:
    return {name for name, hosts in e2e_deploy.outcomes(document).items() if hosts["@local"] == "changed"}


def _check(machine: Machine) -> None:
    done = subprocess.run(["chroot", str(machine.root), *e2e_deploy.probe()], capture_output=True, check=True)
    e2e_deploy.check(done.stdout.decode())
