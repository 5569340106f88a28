"""Where an SSH server is, as people write it: ``host``, ``user@host:port``, ``[2001:db8::1]:2222``."""

from __future__ import annotations

import re

from ropewalk.model.errors import InventoryError
from ropewalk.model.record import record

_BRACKETED = re.compile(r"\[(?P<host>[^\[\]]+)\](?::(?P<port>.*))?")
_FORMS = "Write host, user@host, host:port, user@host:port or [IPv6 address]:port."


@record
class Address:
    """A host and what was said about how to reach it."""

    host: str
    user: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"{user}{host}{port}"


def parse_address(text: str) -> Address:
    """Take an address apart.

    The user ends at the last ``@``. More than one colon outside brackets is an IPv6 address without a port.

    :raises InventoryError: it is not an address.

    >>> parse_address("admin@[2001:db8::1]:2222")
    Address(host='2001:db8::1', user='admin', port=2222)
    """
    user, at, place = text.removeprefix("ssh://").rpartition("@")
    bracketed = _BRACKETED.fullmatch(place)
    host: str
    port: str | None
    if bracketed:
        host, port = bracketed["host"], bracketed["port"]
    elif place.count(":") == 1:
        host, _, port = place.partition(":")
    else:
        host, port = place, None
    _check(text, host, user if at else None)
    return Address(host, user if at else None, None if port is None else _port(text, port))


def split_addresses(text: str) -> tuple[Address, ...]:
    """Take a list of jump hosts apart, as ``ProxyJump`` has it: addresses with commas between; ``none`` is no host."""
    if text.strip().lower() in {"", "none"}:
        return ()
    return tuple(parse_address(part.strip()) for part in text.split(","))


def _check(text: str, host: str, user: str | None) -> None:
    """Refuse what cannot be meant, and above all what a program could take for an option."""
    for part, value in (("host", host), ("user", user)):
        if value is None:
            continue
        if not value or value.startswith("-") or any(c in "[]" or c.isspace() or not c.isprintable() for c in value):
            raise InventoryError(f"{text!r} is not an SSH address: {value!r} cannot be a {part}", hint=_FORMS)


def _port(text: str, port: str) -> int:
    if port.isascii() and port.isdigit() and 0 < int(port) < 65536:
        return int(port)
    raise InventoryError(f"{text!r} is not an SSH address: {port!r} is not a port (1 to 65535)", hint=_FORMS)
