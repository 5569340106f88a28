"""Whether a password is the one that a server of PostgreSQL keeps of a role.

Formats: PostgreSQL, System Catalogs, pg_authid; RFC 5802 (SCRAM) with SHA-256 (RFC 7677) and SASLprep (RFC 4013).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import stringprep
import unicodedata

from ropewalk.model.command import Secret

_SCRAM = re.compile(r"SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)")


def is_password(verifier: Secret | None, role: str, password: str) -> bool:
    """Say whether a password, or a verifier given in its place, is what the server keeps.

    >>> is_password(Secret("md5c5f516e4f913e4ee2c0c12a3aa5a3b1d"), "ann", "wrong")
    False
    """
    if verifier is None:
        return False
    kept = verifier.value
    if kept == password:
        return True
    if kept.startswith("md5"):
        return kept == "md5" + hashlib.md5(f"{password}{role}".encode(), usedforsecurity=False).hexdigest()
    found = _SCRAM.fullmatch(kept)
    return found is not None and any(_fits(found, text) for text in {password, _saslprep(password)})


def _fits(verifier: re.Match[str], password: str) -> bool:
    try:
        salt, stored = base64.b64decode(verifier[2]), base64.b64decode(verifier[3])
    except binascii.Error:
        return False
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, int(verifier[1]))
    key = hmac.digest(salted, b"Client Key", "sha256")
    return hmac.compare_digest(hashlib.sha256(key).digest(), stored)


def _saslprep(text: str) -> str:
    """Return text as servers normalise it, as far as the same text can come out in more than one form."""
    mapped = (
        " " if stringprep.in_table_c12(character) else character
        for character in text
        if not stringprep.in_table_b1(character)
    )
    return unicodedata.normalize("NFKC", "".join(mapped))
