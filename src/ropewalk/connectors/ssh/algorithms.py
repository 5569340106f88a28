"""Which algorithms are offered to a server, in asyncssh's terms.

Imported only when a connection is made, because it needs asyncssh.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from asyncssh.encryption import get_default_encryption_algs, get_encryption_algs
from asyncssh.kex import get_default_kex_algs, get_kex_algs
from asyncssh.mac import get_default_mac_algs, get_mac_algs
from asyncssh.public_key import (
    get_certificate_algs,
    get_default_certificate_algs,
    get_default_public_key_algs,
    get_public_key_algs,
)

from ropewalk.connectors.ssh.known_hosts import look_up
from ropewalk.connectors.ssh.settings import Settings
from ropewalk.model.errors import ConnectError

_Lists = tuple[Callable[[], Sequence[bytes]], Callable[[], Sequence[bytes]]]

#: asyncssh's name of each list, with what it offers of itself and everything it knows.
_CHOICES: Mapping[str, _Lists] = {
    "kex_algs": (get_default_kex_algs, get_kex_algs),
    "encryption_algs": (get_default_encryption_algs, get_encryption_algs),
    "mac_algs": (get_default_mac_algs, get_mac_algs),
    "signature_algs": (get_default_public_key_algs, get_public_key_algs),
    "server_host_key_algs": (get_default_public_key_algs, lambda: [*get_certificate_algs(), *get_public_key_algs()]),
}
#: Authenticated ciphers that processors have instructions for: at both ends they take a quarter of the default's time.
_FAST = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"
_RSA = ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]


def algorithms(settings: Settings) -> dict[str, list[str]]:
    """Return the lists that differ from what asyncssh offers of itself.

    :raises ConnectError: the configuration leaves nothing that asyncssh knows.
    """
    chosen: dict[str, list[str]] = {"server_host_key_algs": _host_key_algorithms(settings)}
    for name, (default, known) in _CHOICES.items():
        written, without = settings.algorithms.get(name), settings.without.get(name, ())
        if written is None and name == "encryption_algs":
            written = _FAST
        if written is not None:
            chosen[name] = choose(written, _names(default()), _names(known()))
        if without:
            chosen[name] = [alg for alg in chosen.get(name, _names(default())) if alg not in without]
        if name in chosen and not chosen[name]:
            raise ConnectError(
                f"{settings.place}: {written or name} names nothing that is known here",
                hint="Correct ~/.ssh/config, or set ssh_backend to openssh.",
            )
    return chosen


def choose(written: str, default: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the algorithms a list of the configuration stands for (ssh_config(5), Ciphers).

    A leading ``+`` adds to the default, ``-`` takes away, ``^`` puts first; names may have wild cards.

    >>> choose("^b*", ["a", "b1"], ["a", "b1", "b2"])
    ['b1', 'b2', 'a']
    """
    sign, patterns = (written[0], written[1:]) if written[:1] in "+-^" else ("", written)
    matched = [name for pattern in patterns.split(",") for name in known if fnmatchcase(name, pattern)]
    if sign == "-":
        return [name for name in default if name not in matched]
    wanted = {"": matched, "+": [*default, *matched], "^": [*matched, *default]}[sign]
    return list(dict.fromkeys(wanted))


def _host_key_algorithms(settings: Settings) -> list[str]:
    """Prefer the kinds of key that are known of the host, and certificates only where an authority is known."""
    known = look_up(settings.known_hosts, settings.known_as)
    types = dict.fromkeys(entry.type for entry in known.keys)
    first = [alg for type_ in types for alg in (_RSA if type_ == "ssh-rsa" else [type_])]
    default = _names(get_default_public_key_algs())
    certificates = _names(get_default_certificate_algs()) if known.authorities else []
    return [*certificates, *(alg for alg in first if alg in default), *(alg for alg in default if alg not in first)]


def _names(algorithms: Sequence[bytes]) -> list[str]:
    return [alg.decode("ascii") for alg in algorithms]
