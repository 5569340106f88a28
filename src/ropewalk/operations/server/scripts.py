"""Scripts that are sent to a host, run there once and leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

from ropewalk import host
from ropewalk.model.command import Secret, Steps, Upload, sh

# $0 is the script, its arguments follow. The exit status is the script's; the traps see to it that a script that is
# stopped from outside (a timeout, Ctrl-C) is removed too.
_RUN = """trap 'rm -f -- "$0"' EXIT; trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM; "$0" "$@\""""


def run_script(source: str | bytes | Secret | IO[Any], args: str | Iterable[object]) -> Steps:
    """Yield what sends a script to the host, runs it and removes it, however it ends.

    :param source: see :class:`ropewalk.api.Upload`.
    :param args: its arguments, each one word whatever is in it; a string is one argument.
    """
    path = host.get_temp_filename()
    words = [args] if isinstance(args, str) else [str(arg) for arg in args]
    yield Upload(source, path, "700")
    yield sh("sh", "-c", _RUN, path, *words)
