"""Recognises what sudo, su and their relatives say while they decide whether to let somebody in."""

from __future__ import annotations

import enum
import re

from ropewalk.shell.identity import SUDO_PROMPT, Identity


@enum.unique
class Ask(enum.Enum):
    """Whose password is asked for."""

    SUDO = "sudo"
    SU = "su"


#: A question: the text since the last line end, ending in a colon. su and sudo-rs speak the user's language.
_QUESTION = re.compile(r"[^\n]*[:\uff1a]\s?\Z")
_SUDO_RS = re.compile(r"\[sudo[^\]]*\]")

UNKNOWN_USER = re.compile(
    r"^(sudo(-rs)?: (unknown user|user .* not found)|su: (user \S+ does not exist|unknown (login|user)|.*Unknown id)"
    r"|doas: unknown user|dzdo: unknown user)",
    re.MULTILINE | re.IGNORECASE,
)

_NO_PASSWORD = re.compile(
    r"a password is required|interactive authentication is required|a terminal is required|no tty present|"
    r"Authentication required",
    re.IGNORECASE,
)


def asked(text: str, identity: Identity) -> Ask | None:
    """Say whose password is being asked for at the end of what was written on standard error."""
    tail = text.rsplit("\n", 1)[-1]
    if tail.endswith(SUDO_PROMPT):
        return Ask.SUDO
    if not _QUESTION.fullmatch(tail):
        return None
    if _SUDO_RS.search(tail) or (identity.sudo and identity.su_user is None):
        return Ask.SUDO
    return Ask.SU if identity.su_user is not None else None


def clean(text: str) -> str:
    """Return what was said, without the questions."""
    lines = [line.replace(SUDO_PROMPT, "").strip() for line in text.replace("\r", "").split("\n")]
    return "\n".join(line for line in lines if line)


def wants_password(text: str) -> bool:
    """Say whether escalation failed for lack of a password."""
    return bool(_NO_PASSWORD.search(text))
