"""Names that end up in configuration files and command lines of a host: what they may look like."""

from __future__ import annotations

import re

from ropewalk.model.errors import OperationValueError

_ACCOUNT = re.compile(r"[^-:,/\s\0][^:,/\s\0]*")
_HOSTNAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}[A-Za-z0-9_]|[A-Za-z0-9_]")


def check_account(kind: str, name: str) -> None:
    """Refuse the name of a user or group that would break the line it is written to (passwd(5), group(5)).

    :param kind: ``"user"`` or ``"group"``, for the message.
    :raises OperationValueError: it is empty, starts with a dash, or holds a colon, comma, slash or white space.
    """
    if not isinstance(name, str) or not _ACCOUNT.fullmatch(name):
        raise OperationValueError(
            f"{name!r} cannot be the name of a {kind}",
            hint="a name is not empty, does not start with a dash and has no colon, comma, slash or space in it",
        )


def check_hostname(name: str) -> None:
    """Refuse what hostname(7) does not allow; underscores pass, since they are in use.

    :raises OperationValueError: the name has other characters, or more than 64.
    """
    if not isinstance(name, str) or not _HOSTNAME.fullmatch(name):
        raise OperationValueError(
            f"{name!r} cannot be the name of a host",
            hint="up to 64 letters, digits, dots, dashes and underscores; no dot or dash at either end",
        )


def check_line(what: str, value: str) -> None:
    """Refuse text that would not stay on one line, or not be there at all.

    :param what: what the text is, for the message.
    :raises OperationValueError: it is empty or holds a line end or a NUL.
    """
    if not value.strip() or any(character in value for character in "\n\r\0"):
        raise OperationValueError(f"{what} must be text on one line, not {value!r}")


def check_word(what: str, value: str) -> None:
    """Refuse text that would not stay one word of its line.

    :raises OperationValueError: it is empty, holds white space or a NUL, or starts a comment.
    """
    if not value or value.startswith("#") or any(c.isspace() or c == "\0" for c in value):
        raise OperationValueError(f"{what} must be one word, not {value!r}")
