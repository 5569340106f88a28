"""What v3's authors of file operations share: commands for one file each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from enum import Enum
from typing import Any

from ropewalk.model.v3command import QuoteString, StringCommand


class MetadataTimeField(Enum):
    """Which time of a file."""

    ATIME = "atime"
    MTIME = "mtime"


def unix_path_join(*parts: str) -> str:
    """Join paths of a host with one slash between them.

    >>> unix_path_join("/srv/", "app", "conf")
    '/srv/app/conf'
    """
    *head, last = parts
    return "/".join([*(part.rstrip("/") for part in head), last])


def get_timestamp() -> str:
    """Return the local time to the minute, for names of backups."""
    return datetime.now().strftime("%y%m%d%H%M")


def ensure_mode_int(mode: str | int | None) -> int | str | None:
    """Return octal permission bits as the number they look like, which is how facts tell them.

    >>> ensure_mode_int("0644"), ensure_mode_int("u+x")
    (644, 'u+x')
    """
    return int(mode) if isinstance(mode, str) and mode.isdigit() else mode


def chmod(target: str, mode: str | int, recursive: bool = False) -> StringCommand:
    """Return the command that sets the mode of a file."""
    return StringCommand("chmod", *(["-R"] if recursive else []), str(mode), QuoteString(target))


def chown(
    target: str, user: str | None = None, group: str | None = None, recursive: bool = False, dereference: bool = True
) -> StringCommand:
    """Return the command that sets the owner, the group or both."""
    program, owner = ("chgrp", group) if user is None else ("chown", f"{user}:{group}" if group else user)
    options = [*(["-R"] if recursive else []), *([] if dereference else ["-h"])]
    return StringCommand(program, *options, QuoteString(str(owner)), QuoteString(target))


def touch(target: str, timefield: MetadataTimeField, timesrc: datetime, dereference: bool = True) -> StringCommand:
    """Return the command that sets a time of a file."""
    moment = timesrc.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: UP017 - as touch reads it
    options = [*([] if dereference else ["-h"]), "-a" if timefield is MetadataTimeField.ATIME else "-m"]
    return StringCommand("touch", *options, "-d", moment, QuoteString(target))


def strip_regex_anchors(line: str) -> str:
    """Return a pattern without ``^`` at its start and ``$`` at its end."""
    return line.removeprefix("^").removesuffix("$")


def adjust_regex(line: str, escape_regex_characters: bool) -> str:
    """Return the pattern of a whole line that has ``line`` in it, wherever it is not anchored."""
    if escape_regex_characters:
        line = re.sub(r"([.\\+*?\[^\]$(){}\-])", r"\\\1", line)
    return f"{'' if line.startswith('^') else '^.*'}{line}{'' if line.endswith('$') else '.*$'}"


def sed_replace(
    filename: str,
    line: str,
    replace: str,
    flags: Sequence[str] | None = None,
    backup: bool = False,
    interpolate_variables: bool = False,
    extended_regex: bool = False,
) -> StringCommand:
    """Return the command that replaces a pattern in a file.

    :param replace: what stands instead; taken literally.
    :param flags: sed's, such as ``["I"]``.
    :param backup: keep the old file, with the time added to its name.
    :param interpolate_variables: let the host's shell replace ``$NAME`` in both.
    """
    new = replace.replace("&", r"\&")
    return _sed(filename, f"s/{_slashes(line)}/{_slashes(new)}/{''.join(flags or [])}", backup, interpolate_variables,
                extended_regex)  # fmt: skip


def sed_delete(
    filename: str,
    line: str,
    replace: str = "",
    flags: Sequence[str] | None = None,
    backup: bool = False,
    interpolate_variables: bool = False,
    extended_regex: bool = False,
) -> StringCommand:
    """Return the command that deletes the lines with a pattern; as ``sed_replace``, and ``replace`` must be empty."""
    if replace:
        raise ValueError("sed_delete puts nothing in place of what it deletes")
    return _sed(filename, f"/{_slashes(line)}/{''.join(flags or [])}d", backup, interpolate_variables, extended_regex)


def _slashes(text: str) -> str:
    return text.replace("/", r"\/")


def _sed(filename: str, script: str, backup: bool, interpolate: bool, extended: bool) -> StringCommand:
    suffix = f".{get_timestamp()}"
    quoted: Any = '"' + script.replace('"', r"\"") + '"' if interpolate else QuoteString(script)
    bits = ["sed", *(["-E"] if extended else []), f"-i{suffix}", quoted, QuoteString(filename)]
    # An option of -i is the one form that GNU and BSD both understand.
    return StringCommand(*bits, *([] if backup else ["&&", "rm", "-f", QuoteString(filename + suffix)]))
