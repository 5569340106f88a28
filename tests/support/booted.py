"""A copy of this machine, as in ``support.box``, with systemd as its first process: units can be started in it."""

from __future__ import annotations

import glob
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

import support.box
from support.box import Box
from support.processes import eventually, runs

# A process group of its own for each copy: systemd makes others below it. Only what every system needs is started.
_BOOT = """
mount --make-rprivate / && mount -t tmpfs none "$2" && cd "$2" && mkdir upper work root
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" none root
for tree in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
    [ ! -e $tree/cgroup.procs ] || { mkdir $tree/booted-$$ && echo $$ >$tree/booted-$$/cgroup.procs; }
done
exec systemd-nspawn --quiet --boot --keep-unit --register=no --link-journal=no --resolv-conf=off --timezone=off \
    --machine=box --directory=root --private-network --console=pipe systemd.unit=basic.target
"""


class Booted(Box):
    def _start(self) -> str:
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-ec", _BOOT, "sh", support.box.ROOT, self._mount],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        if not eventually(lambda: self._holder.poll() is not None or self._is_up()):
            self._kill()
        if self._holder.poll() is not None:
            assert self._holder.stderr
            self._forget()
            pytest.skip(f"systemd does not start here: {self._holder.stderr.read().decode(errors='replace').strip()}")
        return self._inside

    def close(self) -> None:
        self._kill()
        self._holder.communicate()
        self._forget()

    def _sees_mount(self) -> str:
        return str(self._holder.pid)

    def _is_up(self) -> bool:
        self._inside = self._first() or ""
        return bool(self._inside) and self.sh("systemctl is-system-running", check=False).strip() in (
            "running", "degraded",
        )  # fmt: skip

    def _first(self) -> str | None:
        """Return the first process of the copy: a child that is number 1 in a namespace of its own."""
        pid = self._holder.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            status = Path(f"/proc/{child}/status").read_text().splitlines()
            numbers = next(line.split()[1:] for line in status if line.startswith("NSpid:"))
            if len(numbers) > 1 and numbers[-1] == "1":
                return child
        return None

    def _kill(self) -> None:
        first = getattr(self, "_inside", "")
        if first:
            os.kill(int(first), signal.SIGKILL)
            eventually(lambda: not runs(int(first)))
        self._holder.kill()
        self._holder.wait()

    def _forget(self) -> None:
        for group in glob.glob(f"/sys/fs/cgroup/**/booted-{self._holder.pid}", recursive=True):
            for directory, _, _ in os.walk(group, topdown=False):
                os.rmdir(directory)
        os.rmdir(self._mount)


def why_not() -> str | None:
    """Return why no systemd can be started here, if so."""
    missing = None if shutil.which("systemd-nspawn") else "needs systemd-nspawn (Debian: systemd-container)"
    return support.box.why_not() or missing
