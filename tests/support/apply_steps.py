"""Evaluates an operation against this machine and carries out its steps: is the second time a no-op?

Commands run in a real ``sh``; the shell of the tests can be another one (``ROPEWALK_TEST_SH=busybox sh``).
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ropewalk.api.config import Config
from ropewalk.api.context import current_config, current_host, current_inventory, current_state, use
from ropewalk.api.inventory import Inventory
from ropewalk.api.operation import Operation
from ropewalk.api.state import State
from ropewalk.model.command import Call, Change, Diff, Download, Secret, Step, Upload, UploadTree
from ropewalk.model.errors import FactError
from ropewalk.testing import Evaluated

SHELL = shlex.split(os.environ.get("ROPEWALK_TEST_SH", "sh"))


class CommandFailed(AssertionError):
    """A command that should have worked did not."""


def run(command: str, cwd: Path | None = None) -> str:
    """Run one command as a host would; return its standard output."""
    done = subprocess.run(
        [*SHELL, "-c", command], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )  # fmt: skip
    if done.returncode != 0:
        raise CommandFailed(f"exit status {done.returncode} of {command}\n{done.stderr.decode(errors='replace')}")
    return done.stdout.decode(errors="replace")


@dataclass
class Machine:
    """Evaluates operations against this machine.

    :param cwd: the directory of the run.
    :param diff: whether differences are wanted.
    """

    cwd: Path
    diff: bool = False
    planning: bool = False
    connected: bool = True
    noop_reason: str | None = None
    asked: list[Any] = field(default_factory=list)

    def get_fact(self, fact: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.asked.append(fact)
        instance = fact()
        command = instance.command(*args, **kwargs)
        text = command if isinstance(command, str) else command.render(reveal=True)
        try:
            output = run(text)
        except CommandFailed as error:
            raise FactError(f"{fact.__name__}: {error}") from error
        lines = output.removesuffix("\n").split("\n") if output else []
        return instance.process(lines) if lines else instance.default()

    def running_arguments(self) -> dict[str, Any]:
        return {}

    def noop(self, reason: str) -> None:
        self.noop_reason = reason

    def evaluate(self, operation: Operation[Any], /, *args: Any, **kwargs: Any) -> Evaluated:
        """Return what an operation yields, without carrying it out."""
        self.noop_reason, self.asked = None, []
        inventory = Inventory((["here"], {}))
        host = inventory.get_host("here")
        host.runner = self  # type: ignore[assignment]
        state = State(inventory, Config(DIFF=self.diff))
        state.cwd = str(self.cwd)
        with (
            use(current_host, host),
            use(current_state, state),
            use(current_config, state.config),
            use(current_inventory, inventory),
        ):
            steps = list(operation._inner(*args, **kwargs) or ())
        return Evaluated(steps, self.noop_reason, self.asked)

    def apply(self, operation: Operation[Any], /, *args: Any, **kwargs: Any) -> Evaluated:
        """Evaluate an operation and carry out what it yields."""
        done = self.evaluate(operation, *args, **kwargs)
        for step in done.steps:
            perform(step)
        return done

    def converge(self, operation: Operation[Any], /, *args: Any, **kwargs: Any) -> Evaluated:
        """Carry out an operation, and assert that it has nothing to do the second time."""
        done = self.apply(operation, *args, **kwargs)
        again = self.evaluate(operation, *args, **kwargs)
        assert again.steps == [], f"the second time: {[str(step) for step in again.steps]}"
        assert again.noop, "nothing to do, and no reason given"
        return done


def perform(step: Step) -> None:
    """Carry out one step on this machine."""
    match step:
        case Change() | Diff():
            pass
        case Upload():
            _write(step.dest, _content(step.source), step.mode, step.user, step.group)
        case UploadTree():
            for relative, (source, mode) in step.files.items():
                path = os.path.join(step.root, relative)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                _write(path, Path(source).read_bytes(), mode, step.user, step.group)
        case Download():
            assert isinstance(step.dest, str)
            shutil.copyfile(step.source, step.dest)
        case Call():
            step.function(*step.args, **step.kwargs)
        case str():
            run(step)
        case _:
            run(step.render(reveal=True))  # type: ignore[union-attr]


def _content(source: Any) -> bytes:
    match source:
        case Secret():
            return source.value.encode()
        case bytes():
            return source
        case str():
            return Path(source).read_bytes()
    data = source.read()
    return data.encode() if isinstance(data, str) else data


def _write(dest: str, content: bytes, mode: str | None, user: str | None, group: str | None) -> None:
    Path(dest).write_bytes(content)  # writes through a link, keeps the mode and owner of what is there
    if user or group:
        shutil.chown(dest, user, group)
    if mode:
        run(shlex.join(["chmod", "--", mode, dest]))
