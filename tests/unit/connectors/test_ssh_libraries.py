"""The look for optional libraries, which must start no programs."""

from __future__ import annotations

import ctypes.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ropewalk.connectors.ssh.libraries import find, found_quickly

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="find_library starts programs on Linux only")

#: What asyncssh looks for, what surely is there, and what is not.
NAMES = ["nettle", "oqs", "c", "m", "crypto", "no such library", "*", ""]


@pytest.mark.parametrize("name", [name for name in NAMES if name.isalpha()])
def test_it_finds_what_the_usual_look_finds(name: str) -> None:
    if shutil.which("ldconfig") is None and not Path("/sbin/ldconfig").exists():
        pytest.skip("needs ldconfig")
    assert find(name) == ctypes.util.find_library(name)


@pytest.mark.parametrize("name", ["no such library", "../nettle", "\0"])
def test_what_is_not_there_is_not_found(name: str) -> None:
    assert find(name) is None


def test_what_cannot_be_loaded_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "libbroken.so.1").write_text("INPUT(-lc)")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    assert find("broken") is None


def test_the_usual_look_is_put_back() -> None:
    usual = ctypes.util.find_library
    with found_quickly():
        assert ctypes.util.find_library is find
    assert ctypes.util.find_library is usual

    def fail() -> None:
        with found_quickly():
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    assert ctypes.util.find_library is usual


def test_asyncssh_is_imported_without_starting_programs() -> None:
    """In a process of its own, since asyncssh may be imported here already."""
    script = """
import os, subprocess, sys
def refuse(event, args):
    if event in ("subprocess.Popen", "os.system", "os.posix_spawn"):
        raise SystemExit(f"started {args}")
sys.addaudithook(refuse)
from ropewalk.connectors.ssh.libraries import found_quickly
with found_quickly():
    import asyncssh
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
