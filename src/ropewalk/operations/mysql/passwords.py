"""Whether a password is the one that a server of MySQL or MariaDB keeps of a user.

Formats: MySQL, Pluggable Authentication; the digests of ``sha256_password`` and ``caching_sha2_password`` are those of
crypt(5), ``sha256crypt``, with a longer salt.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

_DIGITS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#: Which bytes make four digits; the last two make three.
_ORDER = (
    (0, 10, 20), (21, 1, 11), (12, 22, 2), (3, 13, 23), (24, 4, 14), (15, 25, 5), (6, 16, 26), (27, 7, 17),
    (18, 28, 8), (9, 19, 29),
)  # fmt: skip
_CACHING = re.compile(r"\$A\$([0-9A-Fa-f]{3})\$(.{20})(.{43})", re.DOTALL)
_SHA256 = re.compile(r"\$5\$(?:rounds=(\d+)\$)?(.{1,20})\$(.{43})", re.DOTALL)


def is_password(user: Mapping[str, Any], password: str) -> bool | None:
    """Say whether a password is the user's; ``None`` if the way it is kept does not tell.

    :param user: the user's entry in the ``MysqlUsers`` fact.

    >>> is_password({"plugin": "mysql_native_password", "Password": None}, "x")
    False
    """
    kept = user.get("authentication_string") or user.get("Password") or ""
    match user.get("plugin") or "mysql_native_password":
        case "mysql_native_password":
            return hmac.compare_digest(kept.upper(), _native(password))
        case "caching_sha2_password":
            found = _CACHING.fullmatch(kept)
            return found is not None and _digest(password, found[2], int(found[1], 16) * 1000) == found[3]
        case "sha256_password":
            found = _SHA256.fullmatch(kept)
            return found is not None and _digest(password, found[2], int(found[1] or 5000)) == found[3]
        case "unix_socket" | "auth_socket" | "auth_pam" | "pam" | "mysql_no_login":  # these keep no passwords
            return False
    return None


def sha256_crypt(word: bytes, grain: bytes, rounds: int) -> str:
    """Return the digest of a password with a salt (Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512").

    >>> sha256_crypt(b"Hello world!", b"saltstring", 5000)
    '5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'
    """
    b = hashlib.sha256(word + grain + word).digest()
    start = hashlib.sha256(word + grain + _filled(b, len(word)))
    bits = len(word)
    while bits:
        start.update(b if bits & 1 else word)
        bits >>= 1
    a = start.digest()
    p = _filled(hashlib.sha256(word * len(word)).digest(), len(word))
    s = _filled(hashlib.sha256(grain * (16 + a[0])).digest(), len(grain))
    for number in range(rounds):
        odd = number % 2
        text = (p if odd else a) + (s if number % 3 else b"") + (p if number % 7 else b"") + (a if odd else p)
        a = hashlib.sha256(text).digest()
    groups = [(a[x] << 16 | a[y] << 8 | a[z], 4) for x, y, z in _ORDER]
    return "".join(_encoded(value, count) for value, count in [*groups, (a[31] << 8 | a[30], 3)])


def _digest(password: str, salt: str, rounds: int) -> str:
    return sha256_crypt(password.encode(), salt.encode(), rounds)


def _native(password: str) -> str:
    inner = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return "*" + hashlib.sha1(inner, usedforsecurity=False).hexdigest().upper()


def _filled(block: bytes, length: int) -> bytes:
    return (block * (length // len(block) + 1))[:length]


def _encoded(value: int, count: int) -> str:
    return "".join(_DIGITS[value >> 6 * index & 63] for index in range(count))
