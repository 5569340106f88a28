"""Runs ropewalk as its users do: as a program of its own, ended by signals, watched from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from support.e2e_processes import eventually

PROGRAM = (sys.executable, "-m", "ropewalk")
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "run.json").read_text())

#: Seconds after which a run counts as hanging.
PATIENCE = 90.0


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    :ivar peak: the most memory it had resident, in bytes.
    """

    status: int
    out: bytes
    err: bytes
    seconds: float
    peak: int

    @property
    def stdout(self) -> str:
        return self.out.decode()

    @property
    def stderr(self) -> str:
        return self.err.decode()

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document of ``--json``: nothing else is on standard output, and it is as the schema says.

        :raises AssertionError: or it is not.
        """
        try:
            found = json.loads(self.out)
        except ValueError as error:
            raise AssertionError(f"not one JSON document: {error}\n{self.out[:2000]!r}\n{self.stderr}") from error
        jsonschema.Draft202012Validator(SCHEMA).validate(found)
        assert found["exit_code"] == self.status
        return dict(found)

    def must(self, status: int) -> Ended:
        """Return this run, if it ended so."""
        assert self.status == status, f"exit status {self.status}, not {status}\n{self.stderr}\n{self.out[:4000]!r}"
        return self


class Running:
    """A run that has been started; a context manager that leaves nothing running."""

    def __init__(
        self, words: Sequence[str], *, cwd: Path, environment: Mapping[str, str] | None = None,
        program: Sequence[str] = PROGRAM, terminal: int | None = None,
    ) -> None:  # fmt: skip
        self._started = time.monotonic()
        self._files = (cwd / f".out-{time.monotonic_ns()}", cwd / f".err-{time.monotonic_ns()}")
        own = ("ROPEWALK_", "PYINFRA_", "OTEL_", "GITHUB_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        with self._files[0].open("wb") as out, self._files[1].open("wb") as err:
            self.process = subprocess.Popen(
                [*program, *words],
                cwd=cwd,
                stdin=subprocess.DEVNULL if terminal is None else terminal,
                stdout=out,
                stderr=err,
                env={**inherited, "NO_COLOR": "1", **(environment or {})},
                start_new_session=True,
            )
        self._ended: Ended | None = None

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def stderr(self) -> str:
        """What it has written on standard error so far."""
        return self._files[1].read_text(errors="replace")

    @property
    def ended(self) -> bool:
        return self._ended is not None or _gone(self.pid)

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until a condition is true.

        :raises AssertionError: it never is, or the run has ended before.
        """
        eventually(lambda: condition() or self.ended, what)
        assert condition(), f"the run has ended before {what}: {self.wait()}"

    def says(self, text: str) -> None:
        """Wait until it has written a text on standard error."""
        self.until(lambda: text in self.stderr, f"it says {text!r}")

    def interrupt(self, number: int = signal.SIGINT) -> None:
        """Send a signal to its process group, as a terminal does for Ctrl-C."""
        os.killpg(self.pid, number)

    def wait(self, within: float = PATIENCE) -> Ended:
        """Return how it ended; where it does not, it is killed.

        :raises AssertionError: it hangs.
        """
        if self._ended is None:
            hanging = threading.Event()

            def give_up() -> None:
                hanging.set()
                os.kill(self.pid, signal.SIGKILL)

            timer = threading.Timer(within, give_up)
            timer.start()
            try:
                _, status, usage = os.wait4(self.pid, 0)
            finally:
                timer.cancel()
            self.process.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.monotonic() - self._started
            out, err = (path.read_bytes() for path in self._files)
            self._ended = Ended(self.process.returncode, out, err, seconds, usage.ru_maxrss * 1024)
            assert not hanging.is_set(), f"still running after {within:g} s\n{self._ended.stderr}"
        return self._ended

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._ended is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()
        for path in self._files:
            path.unlink()


def run(
    *words: str, cwd: Path, within: float = PATIENCE, environment: Mapping[str, str] | None = None,
    program: Sequence[str] = PROGRAM,
) -> Ended:  # fmt: skip
    """Run ropewalk with these words to its end."""
    with Running(words, cwd=cwd, environment=environment, program=program) as running:
        return running.wait(within)


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
