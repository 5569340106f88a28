"""A copy of this machine to change at will: own files (copy on write), processes, network and name; gone when closed.

Its files are those of ``/``, or of the root that ``ROPEWALK_TEST_ROOT`` names, such as one made by mmdebstrap.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api import Change, Diff, Shell, Upload
from ropewalk.api.config import Config
from ropewalk.api.context import current_config, current_host, current_inventory, current_state, use
from ropewalk.api.inventory import Inventory
from ropewalk.api.operation import Operation
from ropewalk.api.state import State
from ropewalk.model.command import Renderable, Secret, Step
from ropewalk.model.errors import FactError
from ropewalk.testing import Evaluated

ROOT = os.environ.get("ROPEWALK_TEST_ROOT", "/")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# What programs write when they only look: caches, logs, journals, the directories of pipx, the empty lists of cargo.
# And what a supervisor writes while its service starts.
_CACHES = re.compile(
    r"(var/cache|var/log|root/\.cache|root/\.npm|root/\.local/share/gem/specs|root/\.local/pipx/(logs|\.cache))(/| )"
    r"|root/\.local(/bin|/pipx|/pipx/venvs)? d |var/lib/(dnf|zypp) d "
    r"|root/\.cargo/\.crates2?\.(toml|json) f 644 0 0 |root/go/pkg/mod/cache/|etc/sv/[^/]+/supervise/"
    r"|var/lib/(rpm/rpmdb\.sqlite-(shm|wal)|dnf/history\.sqlite(-shm|-wal)?|zypp/(AnonymousUniqueId|AutoInstalled)) "
)

_SETUP = """
mount --make-rprivate / && mount -t tmpfs none "$2" && cd "$2" && mkdir upper work root
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" none root && cd root
mount -t proc none proc && mount -t tmpfs none run && mount --rbind /dev dev
mount -t tmpfs none tmp && chmod 1777 tmp
ip link set lo up 2>/dev/null || :
exec chroot . sh -c 'cd / && echo ready && exec sleep infinity'
"""


class CommandFailed(AssertionError):
    """A command that should have worked did not."""


class Box:
    """Evaluates operations inside, and carries out what they yield."""

    planning, connected = False, True

    def __init__(self) -> None:
        self._root, self._mount = ROOT, tempfile.mkdtemp()
        self._inside = self._start()
        inventory = Inventory((["box"], {}))
        self._host = inventory.get_host("box")
        self._host.runner = self  # type: ignore[assignment]
        self._state = State(inventory, Config())
        self.noop_reason: str | None = None
        self.asked: list[Any] = []

    def _start(self) -> str:
        """Start what holds everything inside; return the number of its first process."""
        words = ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child"]
        self._holder = subprocess.Popen(
            [*words, "sh", "-ec", _SETUP, "sh", self._root, self._mount], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self._holder.stdout
        if self._holder.stdout.readline() != b"ready\n":
            pytest.skip(f"no namespaces or overlays here: {self._holder.communicate()[1].decode().strip()}")
        pid = self._holder.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]

    def close(self) -> None:
        self._holder.kill()
        self._holder.communicate()
        os.rmdir(self._mount)

    def words(self, *command: str) -> list[str]:
        """Return the command line that runs a command inside."""
        enter = ["nsenter", "-t", self._inside, "-m", "-p", "-n", "-u", "-i", "-r", "-w"]
        return [*enter, "env", "-i", f"PATH={_PATH}", "HOME=/root", *command]

    def sh(self, command: str, data: bytes | None = None, check: bool = True) -> str:
        """Run shell syntax inside; return its standard output."""
        given: Any = {"stdin": subprocess.DEVNULL} if data is None else {"input": data}
        done = subprocess.run(self.words("sh", "-c", command), capture_output=True, check=False, **given)
        if check and done.returncode:
            raise CommandFailed(f"{done.returncode}: {command}\n{done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="replace")

    def status(self, command: str) -> int:
        """Return the exit status of shell syntax."""
        words = self.words("sh", "-c", command)
        return subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode

    def has(self, *programs: str) -> bool:
        return all(self.status(f"command -v {program}") == 0 for program in programs)

    def needs(self, *programs: str) -> None:
        """Skip a test if a program is missing; those that only the tests would find are lent."""
        for program in programs:
            if not self.has(program):
                self._lend(program)
            if not self.has(program):
                pytest.skip(f"needs {program}")

    def _lend(self, program: str) -> None:
        """Lend a program from beside the Python of the tests, or from their PATH; to a copy of this machine alone."""
        if self._root != "/":
            return
        places = f"{Path(sys.prefix, 'bin')}{os.pathsep}{os.environ.get('PATH', '')}"
        own = shutil.which(program, path=places)
        if not own:
            return
        if self.status(f"test -x {shlex.quote(own)}") == 0:
            self.sh(f"ln -s {shlex.quote(own)} /usr/local/bin/")
        elif (content := Path(own).read_bytes()).startswith(b"\x7fELF"):  # below a directory that the box has anew
            self.sh(f"cat >/usr/local/bin/{program} && chmod 755 /usr/local/bin/{program}", content)

    def write(self, path: str, text: str, mode: str = "644") -> None:
        self.sh(f"mkdir -p {os.path.dirname(path)} && cat >{path} && chmod {mode} {path}", text.encode())

    def get_fact(self, fact: type, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        own = {key: value for key, value in (kwargs or {}).items() if not key.startswith("_")}
        self.asked.append(fact)
        made = fact()
        program = made.requires_command(*args, **own)
        if program and not self.has(program):
            return made.default()
        command = made.command(*args, **own) if callable(made.command) else made.command
        try:
            lines = self.sh(command if isinstance(command, str) else command.render(reveal=True)).split("\n")
        except CommandFailed as error:
            raise FactError(f"{fact.__name__}: {error}") from error
        lines = lines if lines[-1] else lines[:-1]
        return made.process(lines) if lines else made.default()

    def fact(self, fact: type, *args: Any, **kwargs: Any) -> Any:
        return self.get_fact(fact, args, kwargs)

    def running_arguments(self) -> dict[str, Any]:
        return {}

    def catch_up(self) -> None:
        pass

    def noop(self, reason: str) -> None:
        self.noop_reason = reason

    def evaluate(self, operation: Operation[Any], /, *args: Any, **kwargs: Any) -> Evaluated:
        """Return what an operation yields, without carrying it out; assert that this touches nothing."""
        before = self.files()
        done = self._run(operation, args, kwargs, lambda step: None)
        assert not (touched := before ^ self.files()), f"evaluating touched the host: {sorted(touched)}"
        return done

    def _sees_mount(self) -> str:
        """Return a process that sees the file system in which changes are kept."""
        return self._inside

    def files(self) -> set[str]:
        """Return all that differs from the root below, but for what programs keep to be faster the next time."""
        show = ["-type", "d", "-printf", "%P %y %m %U\\n", "-o", "-printf", "%P %y %m %U %s %T@ %l\\n"]
        find = ["nsenter", "-t", self._sees_mount(), "-m", "find", f"{self._mount}/upper", *show]
        lines = subprocess.run(find, capture_output=True, check=True).stdout.decode(errors="replace").splitlines()
        return {line for line in lines if not _CACHES.match(line)}

    def apply(self, operation: Operation[Any], /, *args: Any, **kwargs: Any) -> Evaluated:
        """Evaluate an operation, then carry it out: what it yields is done before it goes on."""
        self.evaluate(operation, *args, **kwargs)
        return self._run(operation, args, kwargs, self._perform)

    def converge(self, operation: Operation[Any], /, *args: Any, **kwargs: Any) -> Evaluated:
        """Carry out an operation, and assert that it has nothing to do the second time."""
        done = self.apply(operation, *args, **kwargs)
        again = self.evaluate(operation, *args, **kwargs)
        assert again.steps == [], f"the second time: {[str(step) for step in again.steps]}"
        assert again.noop, "nothing to do, and no reason given"
        return done

    def _run(
        self, operation: Operation[Any], args: tuple[Any, ...], kwargs: dict[str, Any], act: Callable[[Step], None]
    ) -> Evaluated:
        self.noop_reason, self.asked = None, []
        steps = []
        with (
            use(current_host, self._host),
            use(current_state, self._state),
            use(current_config, self._state.config),
            use(current_inventory, self._state.inventory),
        ):
            for step in operation._inner(*args, **kwargs) or ():
                steps.append(step)
                act(step)
        return Evaluated(steps, self.noop_reason, self.asked)

    def _perform(self, step: Step) -> None:
        match step:
            case Change() | Diff():
                pass
            case Upload():
                content = step.source.value.encode() if isinstance(step.source, Secret) else step.source
                assert isinstance(content, bytes)
                quoted = Shell((step.dest,)).render()
                self.sh(f"cat >{quoted}", content)
                if step.user or step.group:
                    self.sh(f"chown {step.user or ''}{f':{step.group}' if step.group else ''} {quoted}")
                if step.mode:
                    self.sh(f"chmod {step.mode} {quoted}")
            case str():
                self.sh(step)
            case _:
                assert isinstance(step, Renderable)
                self.sh(step.render(reveal=True))


def why_not() -> str | None:
    """Return why no box can be made here, if so."""
    if os.geteuid():
        return "needs root"
    return next((f"needs {name}" for name in ("unshare", "nsenter", "ip") if not shutil.which(name)), None)
