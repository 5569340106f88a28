"""v3's connector to this machine: other connectors run their programs through it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from ropewalk.compat.pyinfra.api.util import get_file_io
from ropewalk.compat.pyinfra.connectors.base import BaseConnector
from ropewalk.compat.pyinfra.connectors.util import (
    CommandOutput,
    extract_control_arguments,
    make_unix_command_for_host,
    run_local_process,
)
from ropewalk.model.errors import InventoryError
from ropewalk.model.v3command import QuoteString, StringCommand


class LocalConnector(BaseConnector):
    """Runs commands on this machine.

    ::

        local = LocalConnector(state, host)
        ok, output = local.run_shell_command(StringCommand("podman", "inspect", QuoteString(name)))
    """

    handles_execution = True

    @staticmethod
    def make_names_data(name: str | None = None) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
        if name:
            raise InventoryError("@local stands for this machine and takes no name")
        yield "@local", {}, ["@local"]

    def run_shell_command(
        self, command: Any, print_output: bool = False, print_input: bool = False, **arguments: Any
    ) -> tuple[bool, CommandOutput]:
        """Run a command; a timeout is raised as ``TimeoutError``."""
        control = extract_control_arguments(arguments)
        line = make_unix_command_for_host(self.state, self.host, command, **arguments)
        status, output = run_local_process(
            line.get_raw_value(),
            stdin=control.get("_stdin"),
            timeout=control.get("_timeout"),
            print_output=print_output,
            print_prefix=self.host.print_prefix,
        )
        return status in (control.get("_success_exit_codes") or [0]), output

    def put_file(
        self,
        filename_or_io: str | IO[Any],
        remote_filename: str,
        remote_temp_filename: str | None = None,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> bool:
        """Copy a file; the content is handed over on standard input, so that any user may be asked to write it."""
        with get_file_io(filename_or_io) as file:
            data = file.read()
        command = StringCommand("cat", ">", QuoteString(remote_filename))
        whole = _passwords(arguments) + (data.encode() if isinstance(data, str) else data)
        ok, _ = self.run_shell_command(command, **{**arguments, "_stdin": whole})
        return ok

    def get_file(
        self,
        remote_filename: str,
        filename_or_io: str | IO[Any],
        remote_temp_filename: str | None = None,
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> bool:
        """Copy a file; one that is there already stays as it is where that fails."""
        control = extract_control_arguments(arguments)
        command = StringCommand("cat", QuoteString(remote_filename))
        line = make_unix_command_for_host(self.state, self.host, command, **arguments)
        with tempfile.TemporaryFile() as copy:
            done = subprocess.run(  # noqa: S602 - a command line is what was made
                line.get_raw_value(),
                shell=True,
                input=_passwords(arguments),
                stdout=copy,
                stderr=subprocess.DEVNULL,
                timeout=control.get("_timeout"),
                check=False,
            )
            if done.returncode == 0:
                copy.seek(0)
                with _writing(filename_or_io) as target:
                    shutil.copyfileobj(copy, target)
        return done.returncode == 0

    def check_can_rsync(self) -> None:
        if shutil.which("rsync") is None:
            raise NotImplementedError("there is no rsync on this machine")

    def rsync(
        self,
        src: str,
        dest: str,
        flags: Iterable[str],
        print_output: bool = False,
        print_input: bool = False,
        **arguments: Any,
    ) -> bool:
        line = StringCommand("rsync", *map(QuoteString, flags), QuoteString(src), QuoteString(dest))
        ok, output = self.run_shell_command(line, print_output, print_input, **arguments)
        if not ok:
            raise OSError(output.stderr)
        return True


def _passwords(arguments: dict[str, Any]) -> bytes:
    """Return the passwords that the command line reads before the command reads its input."""
    wanted = [("_sudo", "_sudo_password"), ("_su_user", "_su_password")]
    lines = [f"{arguments[password]}\n" for on, password in wanted if arguments.get(on) and arguments.get(password)]
    return "".join(lines).encode()


@contextlib.contextmanager
def _writing(filename_or_io: str | IO[Any]) -> Iterator[IO[bytes]]:
    if isinstance(filename_or_io, str | os.PathLike):
        with open(filename_or_io, "wb") as file:
            yield file
    else:
        yield filename_or_io
