"""Machines of systemd-nspawn that tests start by hand, and a stand-in for the client that looks for them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# It takes the words that machinectl(1) documents. The real one asks systemd, which not every test machine runs.
_MACHINECTL = """#!{python} -IS
import sys
if sys.argv[1:-1] != ["show", "--property=Leader", "--value", "--"]:
    sys.exit(f"unexpected words: {{sys.argv[1:]}}")
if sys.argv[-1] != {name!r}:
    sys.exit(f"Could not get path to machine: No machine '{{sys.argv[-1]}}' known")
print({leader})
"""


#: What gives a machine all of this one's programs.
BIND_USR = ["--bind-ro=/usr"]


def nspawn_why_not() -> str | None:
    """Return why no machine can be started here, if so."""
    if os.geteuid() != 0:
        return "systemd-nspawn needs root"
    return None if shutil.which("systemd-nspawn") else "needs systemd-nspawn (Debian: systemd-container)"


def install_machinectl(directory: Path, name: str, leader: int) -> None:
    """Write a machinectl into a directory that knows one machine; the caller puts it first in ``PATH``."""
    directory.mkdir(exist_ok=True)
    (directory / "machinectl").write_text(_MACHINECTL.format(python=sys.executable, name=name, leader=leader))
    (directory / "machinectl").chmod(0o755)


@contextmanager
def running_machine(tree: Path, *options: str) -> Iterator[int]:
    """Run a machine; give its first process as this machine counts."""
    idle = ["/bin/sh", "-c", "echo up; while read -r line; do :; done"]
    process = subprocess.Popen(
        ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--as-pid2", "--console=pipe", "--timezone=off",
         "--link-journal=no", "--resolv-conf=off", f"--directory={tree}", *options, *idle],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    yield int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])
    process.communicate()


def machine_of(tree: Path) -> int:
    """Return the first process of the machine that systemd-nspawn runs of a tree."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if words[0] == b"systemd-nspawn" and f"--directory={tree}".encode() in words:
                return int((entry / "task" / entry.name / "children").read_text().split()[0])
        except OSError:
            continue  # it has ended
    raise AssertionError(f"no machine of {tree} runs")
