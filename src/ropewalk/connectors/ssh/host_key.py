"""Decides whether the key a server shows is the key of the host that was meant."""

from __future__ import annotations

import logging
from enum import Enum, auto

from ropewalk.connectors.ssh.known_hosts import Entry, add, fingerprint, look_up
from ropewalk.connectors.ssh.settings import HostKeyPolicy, Settings
from ropewalk.model.errors import HostKeyRejected

logger = logging.getLogger("ropewalk")


class Verdict(Enum):
    KNOWN = auto()
    NEW = auto()  # to be stored
    ASK = auto()  # somebody has to say


def judge(settings: Settings, key: str) -> Verdict:
    """Compare a server's key with what is known about the host.

    Any known key makes a host known: another key of whatever type is then a changed key. (ssh takes a key of a type it
    has not seen before for new, which lets an impostor through that shows one.)

    :param key: type and base64.
    :raises HostKeyRejected: it is not the host's key, or nothing vouches for it and the policy wants that.
    """
    if settings.policy is HostKeyPolicy.OFF:
        return Verdict.KNOWN
    known = look_up(settings.known_hosts, settings.known_as)
    _refuse_revoked(settings, key, known.revoked)
    if known.keys:
        if any(entry.key == key for entry in known.keys):
            return Verdict.KNOWN
        raise changed(settings, key, known.keys)
    if not settings.alias and settings.port != 22:
        portless = look_up(settings.known_hosts, settings.host)
        _refuse_revoked(settings, key, portless.revoked)
        if any(entry.key == key for entry in portless.keys):
            return Verdict.KNOWN
    if settings.policy is HostKeyPolicy.YES:
        raise HostKeyRejected(
            f"{settings.place}: the host key is not known ({_described(key)})",
            hint=f"Add it to {_file(settings)} (ssh-keyscan), or set ssh_strict_host_key_checking to accept-new.",
        )
    return Verdict.ASK if settings.policy is HostKeyPolicy.ASK else Verdict.NEW


def store(settings: Settings, key: str) -> None:
    """Remember the key of a new host.

    :raises HostKeyRejected: another connection has stored another key for this host in the meantime.
    """
    file = _file(settings)
    if file is None:
        return
    try:
        stored = add(file, settings.known_as, key, hashed=settings.hash_known_hosts)
    except OSError as error:
        logger.warning("cannot store the host key of %s in %s: %s", settings.place, file, error.strerror)
        return
    if not stored:
        raise changed(settings, key, look_up([file], settings.known_as).keys)


def question(settings: Settings, key: str) -> str:
    """Return the question whether to trust a new host."""
    return f"The host key of {settings.place} is not known: {_described(key)}. Trust it? (yes/no) "


def changed(settings: Settings, key: str, entries: tuple[Entry, ...]) -> HostKeyRejected:
    """Return the error for a host that has another key than before."""
    where = ", ".join(dict.fromkeys(entry.where for entry in entries))
    return HostKeyRejected(
        f"{settings.place}: the host key has changed: it is {_described(key)}, and {where} says otherwise; "
        "somebody may be posing as this host",
        hint=f"If the host was set up anew, remove its old key: ssh-keygen -R '{settings.known_as}' "
        f"-f '{entries[0].file if entries else _file(settings)}'",
    )


def _refuse_revoked(settings: Settings, key: str, revoked: tuple[Entry, ...]) -> None:
    for entry in revoked:
        if entry.key == key:
            raise HostKeyRejected(
                f"{settings.place}: the host key is revoked ({entry.where})",
                hint="Give the host a new key: this one is known to be in wrong hands.",
            )


def _described(key: str) -> str:
    return f"{key.partition(' ')[0]} {fingerprint(key)}"


def _file(settings: Settings) -> str | None:
    return settings.known_hosts[0] if settings.known_hosts else None
