"""A place without programs: shell commands run there for real, and every program they call only notes its words.

Its root holds a shell, the libraries that it needs, and one script under all the names that commands may call.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

#: Called by text that was taken for syntax.
CANARY = "canary"
#: Programs that run other commands; these are carried out, so that what they run is noted.
_SHELLS = ("sh", "bash", "dash")
# Called under the name of a program.
_NOTE = """#!/bin/sh
printf '%s\\0' "${0##*/}" "$@" '
' >>"$NOTE_LOG"
printf x >>"$NOTE_LOG.calls"
read -r calls <"$NOTE_LOG.calls"
# What waits for something else has waited long enough; what never ends is ended.
[ ${#calls} -lt 100 ] || kill -KILL "$PPID"
[ ${#calls} -lt 40 ] || exit $((1 - NOTE_STATUS))
exit "$NOTE_STATUS"
"""
_DRIVER = """
for job in /jobs/*.sh; do
    export NOTE_LOG="${job%.sh}.log" NOTE_STATUS=0
    case $job in *.1.sh) NOTE_STATUS=1;; esac
    cd "${job%.sh}" && : >"$NOTE_LOG"
    (ulimit -t 2; exec /bin/sh "$job") </dev/null >/dev/null 2>&1
done
exit 0
"""
_HOLD = """
mount --make-rprivate / && mount -t tmpfs none "$1" && cp -a "$2"/. "$1" && cd "$1"
exec chroot . /bin/sh -c 'echo ready; read forever'
"""


@dataclass(frozen=True)
class Ran:
    """What a command did.

    :ivar calls: the words of each call, the program first.
    :ivar written: the files that are now in the directory it was run in.
    """

    calls: tuple[tuple[str, ...], ...]
    written: tuple[str, ...]


class Recorder:
    """Runs commands in a root of its own, in which nothing is real but the shell."""

    def __init__(self) -> None:
        self._skeleton = Path(tempfile.mkdtemp())
        self._root = Path(tempfile.mkdtemp())
        #: What the last run left outside of the directories it ran in.
        self.written: set[str] = set()
        self._make_root(self._skeleton)
        words = ["unshare", "--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child"]
        self._holder = subprocess.Popen(
            [*words, "sh", "-ec", _HOLD, "sh", str(self._root), str(self._skeleton)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert self._holder.stdout
        if self._holder.stdout.readline() != b"ready\n":
            pytest.skip(f"no namespaces here: {self._holder.communicate()[1].decode().strip()}")
        pid = self._holder.pid
        self._inside = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
        self._place = Path(f"/proc/{self._inside}/root")
        self._own = self.files()

    def close(self) -> None:
        self._holder.kill()
        self._holder.communicate()
        self._root.rmdir()
        shutil.rmtree(self._skeleton)

    def run(self, commands: Sequence[str], programs: Iterable[str]) -> list[Ran]:
        """Run commands, each twice: programs succeed, then fail.

        :param programs: names and absolute paths that exist as programs while they run.
        """
        self._offer(programs)
        jobs = self._place / "jobs"
        shutil.rmtree(jobs)
        jobs.mkdir()
        commands = [*commands, f"{CANARY} is alive"]
        names = [(f"{index:05}.{status}", command) for index, command in enumerate(commands) for status in (0, 1)]
        for name, command in names:
            (jobs / name).mkdir()
            (jobs / f"{name}.sh").write_text(command, errors="surrogateescape")
        before = self.files()
        enter = [str(shutil.which("nsenter")), *f"-t {self._inside} -m -p -n -r -w".split()]
        # A session of its own: a command may signal its process group, whatever the namespace of its members.
        environment = {"PATH": "/programs", "HOME": "/root"}
        try:
            subprocess.run([*enter, "/bin/sh", "-c", _DRIVER], check=True, timeout=60, stdin=subprocess.DEVNULL,
                           start_new_session=True, env=environment)  # fmt: skip
        except subprocess.TimeoutExpired:
            self._holder.kill()  # and with it all that runs inside
            raise
        self.written = self.files() - before
        for path in sorted(self.files() - self._own, reverse=True):  # what is in a directory before the directory
            file = self._place / path
            file.rmdir() if file.is_dir() and not file.is_symlink() else file.unlink()
        ran = [(_calls(jobs / f"{name}.log"), tuple(sorted(os.listdir(jobs / name)))) for name, _ in names]
        done = [
            Ran(first[0] + second[0], first[1] + second[1]) for first, second in zip(ran[::2], ran[1::2], strict=True)
        ]
        assert done.pop().calls == ((CANARY, "is", "alive"),) * 2, "the place where commands run is broken"
        return done

    def files(self) -> set[str]:
        """Return the files of the root, but for those that are made for each run."""
        here = [path for path in self._place.iterdir() if path.name not in ("jobs", "programs", "dev")]
        return {str(path.relative_to(self._place)) for top in here for path in [top, *top.rglob("*")]}

    def _make_root(self, root: Path) -> None:
        for name in ("bin", "programs", "jobs", "root", "dev", "tmp", "etc", "var"):
            (root / name).mkdir()
        shell = shutil.which("dash") or "/bin/sh"
        shutil.copy(shell, root / "bin/sh")
        libraries = re.findall(r"/\S+", subprocess.run(["ldd", shell], capture_output=True, text=True).stdout)
        for library in libraries:
            (root / library[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, root / library[1:])
        os.mknod(root / "dev/null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        (root / "note").write_text(_NOTE)
        (root / "note").chmod(0o755)
        for name in _SHELLS:
            (root / "programs" / name).symlink_to("/bin/sh")
        (root / "programs" / CANARY).symlink_to("/note")

    def _offer(self, programs: Iterable[str]) -> None:
        for program in programs:
            path = self._place / (program[1:] if program.startswith("/") else f"programs/{program}")
            if os.path.lexists(path):
                continue
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(self._place / "note", path)  # a copy: what looks like a program may be written to
            except OSError:
                continue  # a file is in the place of its directory, or the name is too long


def programs_in(command: str) -> set[str]:
    """Return every word of a command that could be a program: more is called than that, but never less."""
    words = set(re.findall(r"[A-Za-z0-9_.+-]+", command))
    try:
        paths = {word for word in shlex.split(command, posix=True) if word.startswith("/") and len(word) < 200}
    except ValueError:
        paths = set()
    return {word for word in words if word not in (".", "..") and not word.startswith("-")} | paths


def _calls(log: Path) -> tuple[tuple[str, ...], ...]:
    words = os.fsdecode(log.read_bytes()).split("\0")
    calls: list[tuple[str, ...]] = []
    current: list[str] = []
    for word in words[:-1]:
        if word == "\n":
            calls.append(tuple(current))
            current = []
        else:
            current.append(word)
    return tuple(calls)
