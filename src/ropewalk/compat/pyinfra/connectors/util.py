"""What v3's connectors share: the output of commands, local processes, command lines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from ropewalk.compat.pyinfra.connectors.wrapping import make_unix_command as make_unix_command
from ropewalk.model.v3command import StringCommand
from ropewalk.shell.how import stdin_bytes

if TYPE_CHECKING:
    from ropewalk.api.host import Host
    from ropewalk.api.state import State

#: Global arguments that say how a command is run rather than what its command line is.
CONTROL_ARGUMENTS = ("_success_exit_codes", "_timeout", "_get_pty", "_stdin")


@dataclass
class OutputLine:
    """One line that a command wrote; ``buffer_name`` is ``"stdout"`` or ``"stderr"``."""

    buffer_name: str
    line: str


@dataclass
class CommandOutput:
    """What a command wrote, in the order it arrived."""

    combined_lines: list[OutputLine]

    def __iter__(self) -> Iterator[OutputLine]:
        return iter(self.combined_lines)

    @property
    def output_lines(self) -> list[str]:
        return [line.line for line in self.combined_lines]

    @property
    def output(self) -> str:
        return "\n".join(self.output_lines)

    @property
    def stdout_lines(self) -> list[str]:
        return [line.line for line in self.combined_lines if line.buffer_name == "stdout"]

    @property
    def stdout(self) -> str:
        return "\n".join(self.stdout_lines)

    @property
    def stderr_lines(self) -> list[str]:
        return [line.line for line in self.combined_lines if line.buffer_name == "stderr"]

    @property
    def stderr(self) -> str:
        return "\n".join(self.stderr_lines)


def extract_control_arguments(arguments: dict[str, Any]) -> dict[str, Any]:
    """Take the arguments out that ``make_unix_command`` has no use for; they are returned."""
    return {key: arguments.pop(key) for key in CONTROL_ARGUMENTS if key in arguments}


def make_unix_command_for_host(state: State, host: Host, command: Any, **command_arguments: Any) -> StringCommand:
    """Return the command line that runs a command on a host as global arguments ask for it."""
    return make_unix_command(command, **command_arguments)


def execute_command_with_sudo_retry(
    host: Host, command_arguments: dict[str, Any], execute_command: Callable[..., tuple[int, CommandOutput]]
) -> tuple[int, CommandOutput]:
    """Run a command by calling a function; passwords have been asked for before, so once is enough."""
    return execute_command()


def remove_any_sudo_askpass_file(host: Host) -> None:
    """Do nothing: passwords are never written to a file of the host."""


def run_local_process(
    command: str, stdin: Any = None, timeout: float | None = None, print_output: bool = False, print_prefix: str = ""
) -> tuple[int, CommandOutput]:
    """Run a command line on this machine; return its exit status and what it wrote.

    :param stdin: text, bytes, lines or a file object that the command reads.
    :param timeout: seconds after which the command and its children are killed.
    :raises TimeoutError: it took longer.
    """
    process = subprocess.Popen(  # noqa: S602 - a command line is what this function takes
        command,
        shell=True,
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    lines: list[OutputLine] = []
    show = _printer(print_prefix) if print_output else None
    threads = [
        threading.Thread(target=_collect, args=(name, pipe, lines, show), daemon=True)
        for name, pipe in (("stdout", process.stdout), ("stderr", process.stderr))
        if pipe is not None
    ]
    if process.stdin is not None:
        threads.append(threading.Thread(target=_feed, args=(process.stdin, stdin_bytes(stdin) or b""), daemon=True))
    for thread in threads:
        thread.start()
    try:
        _join(threads, timeout)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        _join(threads, None)
        raise
    finally:
        status = process.wait()
    return (status if status >= 0 else 128 - status), CommandOutput(lines)


def _collect(name: str, pipe: IO[bytes], lines: list[OutputLine], show: Callable[[str], None] | None) -> None:
    if pipe is None:  # never: the process was given pipes
        return
    with pipe:
        for raw in pipe:
            text = raw.decode(errors="replace").removesuffix("\n")
            lines.append(OutputLine(name, text))
            if show is not None:
                show(text)


def _feed(pipe: IO[bytes], data: bytes) -> None:
    if pipe is None:  # never: the process was given pipes
        return
    try:
        with pipe:
            pipe.write(data)
    except BrokenPipeError:
        pass  # a command need not read all of its input


def _join(threads: list[threading.Thread], timeout: float | None) -> None:
    deadline = None if timeout is None else time.monotonic() + timeout
    for thread in threads:
        thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            raise TimeoutError(f"the command took longer than {timeout} seconds")


def _printer(prefix: str) -> Callable[[str], None]:
    return lambda text: print(f"{prefix}{text}", file=sys.stderr)
