"""What a deploy does on the machine that runs it: include other deploy files, run commands."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from ropewalk.api.context import current_host
from ropewalk.model.errors import RopewalkError, UsageError


def include(filename: str, data: Mapping[str, Any] | None = None) -> None:
    """Execute a deploy file at this point of the deploy.

    :param filename: relative to the working directory; ``./name`` is relative to the file that includes it.
    :param data: host data seen in the included file where no other data gives a value.

    Arguments and conditions around the call hold inside the included file too.
    """
    host = current_host.get(None)
    if host is None:
        raise UsageError("local.include was called outside a deploy")
    host.runner.include(filename, data)


def shell(
    commands: str | Sequence[str],
    splitlines: bool = False,
    ignore_errors: bool = False,
    print_output: bool = False,
    print_input: bool = False,
) -> str | list[str]:
    """Run commands on this machine, also in a plan; returns what they wrote on standard output.

    :param splitlines: return lines instead of text.
    :param ignore_errors: return the output of a failed command instead of raising.
    :raises RopewalkError: a command failed, or was killed by a signal.
    """
    host = current_host.get(None)
    lines: list[str] = []
    for command in [commands] if isinstance(commands, str) else commands:
        done = host.runner.blocking(functools.partial(_run, command)) if host is not None else _run(command)
        text = done.stdout.decode(errors="replace")
        lines += text.splitlines()
        if print_output and host is not None:
            host.runner.log("info", text)
        if done.returncode != 0 and not ignore_errors:
            raise RopewalkError(
                f"local command failed with exit status {done.returncode}: {command}\n"
                + done.stderr.decode(errors="replace").strip()
            )
    return lines if splitlines else "\n".join(lines)


def _run(command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S602
