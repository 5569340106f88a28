"""Runs the programs of this machine that know of hosts."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ropewalk.model.errors import InventoryError


def output_of(argv: Sequence[str], text: str | None = None) -> str:
    """Return what a program writes on standard output; it runs in the working directory.

    :param text: what it reads; it has no terminal then. ``None``: it has nothing to read.

    :raises InventoryError: there is no such program, or it fails; the message is the program's own.
    """
    command = " ".join(argv)
    try:
        given: dict[str, Any] = (
            {"stdin": subprocess.DEVNULL} if text is None else {"input": text.encode(), "start_new_session": True}
        )
        ran: subprocess.CompletedProcess[bytes] = subprocess.run(argv, capture_output=True, check=False, **given)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InventoryError(
            f"cannot run {command}: {reason}", hint=f"install {argv[0]}, or put it into PATH"
        ) from error
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip() or f"exit status {ran.returncode}"
        raise InventoryError(f"{command} failed in {os.getcwd()}: {said}")
    return ran.stdout.decode(errors="replace")


def is_program(path: Path) -> bool:
    """Say whether a file can be executed: by its rights, and because it begins like a script or a binary.

    On file systems that know no rights, everything seems to have that of being executed.
    """
    if not os.access(path, os.X_OK) or not stat.S_ISREG(path.stat().st_mode):
        return False
    with path.open("rb") as file:
        return file.read(4).startswith((b"#!", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"))
