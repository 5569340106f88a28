"""Runs the rsync program of this machine towards a host whose connector says how to get there."""

from __future__ import annotations

import asyncio
import shlex

from ropewalk.api.host import Host
from ropewalk.model.command import Rsync
from ropewalk.model.errors import OperationError
from ropewalk.shell.how import How


async def run_rsync(host: Host, step: Rsync, how: How) -> None:
    """Copy with rsync.

    A connector that can be used has a method ``rsync() -> (options, prefix)``: options for the rsync program,
    and what stands before the path on the host.

    :raises OperationError: rsync failed or cannot be used with this connector.
    """
    reach = getattr(host.connector, "rsync", None)
    if reach is None:
        raise OperationError(f"rsync cannot be used with @{host.scheme}", hint="use files.sync")
    options, prefix = reach()
    argv = ["rsync", *step.flags, *options]
    if how.identity.escalates:
        if how.passwords:
            raise OperationError("rsync cannot be used with a sudo or su password", hint="use files.sync")
        argv += ["--rsync-path", shlex.join(how.identity.argv(["rsync"]))]
    process = await asyncio.create_subprocess_exec(
        *argv, "--", step.source, f"{prefix}{step.dest}",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, stderr = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        raise
    if process.returncode != 0:
        raise OperationError(f"rsync: exit status {process.returncode}: {stderr.decode(errors='replace').strip()}")
