"""What is mounted where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactProcessError

_OCTAL = re.compile(r"\\([0-7]{3})")
# "/dev/sd0a (0f3a.a) on / type ffs (rw, local)" on OpenBSD and NetBSD, "/dev/disk1 on / (apfs, local)" on macOS.
_MOUNT = re.compile(r"(\S+)(?: \(.*?\))? on (/.*?)(?: type (\S+))? \((.*)\)")


class MountsDict(TypedDict):
    """One mounted file system."""

    device: str
    type: str
    options: list[str]


class Mounts(FactBase[dict[str, MountsDict]]):
    """The mounted file systems by where they are mounted; where several are, the last, which hides the others.

    Read from proc(5), or with mount(8).

    ::

        {"/": {"device": "/dev/vda1", "type": "ext4", "options": ["rw", "relatime", "errors=remount-ro"]}}
    """

    def command(self) -> str:
        return (
            "if [ -e /proc/self/mountinfo ]; then cat /proc/self/mountinfo; "
            "else mount -p --libxo json 2>/dev/null || mount -v; fi"
        )

    def process(self, output: list[str]) -> dict[str, MountsDict]:
        if output[0].startswith("{"):
            return dict(_from_json(output))
        return dict(_from_mountinfo(output) if output[0][:1].isdigit() else _from_mount(output))

    @staticmethod
    def default() -> dict[str, MountsDict]:
        return {}


class RealPath(FactBase[str]):
    """A path without symbolic links in it, as ``Mounts`` names it; as it was given where nothing is there.

    :param path: path on the host.

    ::

        "/run/lock"
    """

    def command(self, path: str) -> Shell:
        return sh("set", "--", path, Raw('&& { readlink -f -- "$1" 2>/dev/null || printf \'%s\\n\' "$1"; }'))

    def process(self, output: list[str]) -> str:
        return "\n".join(output)


def _from_mountinfo(lines: Iterable[str]) -> Iterator[tuple[str, MountsDict]]:
    """Read /proc/PID/mountinfo (proc(5)): six fields, optional ones, a dash, then type, device and options.

    The options of the mount itself come first and decide whether it can be written to; those of the file
    system, which other mounts share, follow.
    """
    for line in lines:
        fields = line.split(" ")
        try:
            rest = fields.index("-", 6) + 1
            kind, device, shared = fields[rest : rest + 3]
        except ValueError:
            raise FactProcessError(f"{line!r} is not a line of mountinfo") from None
        own = fields[5].split(",")
        options = [*own, *(option for option in shared.split(",") if option not in ("ro", "rw", *own))]
        yield _plain(fields[4]), MountsDict(device=_plain(device), type=kind, options=[_plain(o) for o in options])


def _from_json(lines: Iterable[str]) -> Iterator[tuple[str, MountsDict]]:
    """Read what mount(8) of FreeBSD writes through libxo."""
    try:
        table = json.loads("\n".join(lines))["mount"]["fstab"]
    except (ValueError, KeyError, TypeError) as error:
        raise FactProcessError(f"mount wrote no table of mounts: {error}") from error
    for row in table:
        options = row["opts"].split(",") if isinstance(row["opts"], str) else list(row["opts"])
        yield row["mntpoint"], MountsDict(device=row["device"], type=row["fstype"], options=options)


def _from_mount(lines: Iterable[str]) -> Iterator[tuple[str, MountsDict]]:
    for line in lines:
        match = _MOUNT.fullmatch(line.strip())
        if not match:
            raise FactProcessError(f"{line!r} is not a line of mount -v")
        device, where, kind, text = match.groups()
        options = [option for option in text.split(", ") if not option.startswith("ctime=")]
        yield where, MountsDict(device=device, type=kind or options.pop(0), options=options)


def _plain(text: str) -> str:
    r"""Undo the kernel's quoting of space, tab, line end and backslash: ``\040`` and so on."""
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), text)
