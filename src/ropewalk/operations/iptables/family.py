"""What the operations on the packet filter share."""

from __future__ import annotations

import re

from ropewalk.model.errors import OperationValueError

_PROGRAMS = {4: "iptables", 6: "ip6tables"}
_NAME = re.compile(r"[^-!\s][^\s]*")


def program_for(version: int) -> tuple[str, str]:
    """Return the program for a version of the Internet Protocol, with the option that has it wait while another runs.

    :raises OperationValueError: there is none.
    """
    if version not in _PROGRAMS:
        raise OperationValueError(f"version={version!r}: there are versions 4 and 6 of the Internet Protocol")
    return _PROGRAMS[version], "-w"


def check_name(what: str, name: str, hint: str | None = None) -> None:
    """Refuse the name of a chain or table that iptables would take for something else."""
    if not _NAME.fullmatch(name):
        raise OperationValueError(f"{name!r} is not the name of a {what}", hint=hint)
