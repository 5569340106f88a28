"""Reads facts on this machine, in one of the POSIX shells that it has."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import Any

import pytest


class ReadFailed(Exception):
    """The command of a fact did not succeed."""


@dataclass
class Reader:
    """Reads facts with one shell."""

    shell: list[str]
    env: dict[str, str] = field(default_factory=lambda: {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]})
    cwd: str | None = None

    def only_programs_in(self, directory: object) -> None:
        """Let the commands find no other programs, except those that BusyBox's shell has built in."""
        self.shell[0] = shutil.which(self.shell[0]) or self.shell[0]
        self.env["PATH"] = str(directory)

    def __call__(self, fact: type[Any], /, *args: Any, **kwargs: Any) -> Any:
        instance = fact()
        command = instance.command(*args, **kwargs)
        text = command if isinstance(command, str) else command.render(reveal=True)
        done = subprocess.run(
            [*self.shell, "-c", text], capture_output=True, stdin=subprocess.DEVNULL, env=self.env, cwd=self.cwd
        )
        if done.returncode:
            raise ReadFailed(f"{done.returncode}: {done.stderr.decode(errors='replace')}")
        lines = done.stdout.decode(errors="replace").split("\n")
        if not lines[-1]:
            lines.pop()
        return instance.process(lines) if lines else instance.default()


SHELLS = {"dash": ["dash"], "bash": ["bash"], "busybox": ["busybox", "sh"]}


def make_reader(name: str) -> Reader:
    """Return a reader for a shell; skips the test where it is missing."""
    if not shutil.which(SHELLS[name][0]):
        pytest.skip(f"{name} is not installed")
    return Reader(list(SHELLS[name]))
