"""Names of keys, keyrings and key servers: pure functions for apt.key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from ropewalk.facts.openpgp import identifiers
from ropewalk.model.errors import OperationValueError

KEYRINGS = "/etc/apt/keyrings"
#: Where apt, and repositories that say signed-by, find keys.
KEYRING_DIRECTORIES = ("/etc/apt/trusted.gpg.d", KEYRINGS, "/usr/share/keyrings")

# A short id (8 digits), a long id (16), or a fingerprint (40, or 64 from version 6 on).
_ID = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{8}|[0-9A-Fa-f]{16}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})")


def normal_ids(keyid: str | Sequence[str] | None) -> list[str]:
    """Return key ids in capitals, without ``0x`` and spaces.

    :raises OperationValueError: something that is no key id.

    >>> normal_ids("0xf8d2585b8783d481")
    ['F8D2585B8783D481']
    """
    ids = []
    for text in [keyid] if isinstance(keyid, str) else keyid or []:
        found = _ID.fullmatch(text.replace(" ", ""))
        if not found:
            raise OperationValueError(f"{text!r} is not a key id", hint="give the fingerprint: 40 hexadecimal digits")
        ids.append(found[1].upper())
    return ids


def has_key(fingerprint: str, key: bytes, keyid: str) -> bool:
    """Whether a key id means this key or one of its subkeys."""
    return fingerprint.endswith(keyid) or any(name.endswith(keyid) for name in identifiers(key))


def missing_keys(keys: Mapping[str, bytes], ids: Sequence[str]) -> list[str]:
    """Return the ids that none of the keys has."""
    return [one for one in ids if not any(has_key(name, key, one) for name, key in keys.items())]


def keyring_path(dest: str) -> str:
    """Return the path of a keyring that is given by path or by name.

    :raises OperationValueError: a relative path.
    """
    if dest.startswith("/") and not dest.endswith("/"):
        return dest
    if not dest or "/" in dest or dest in (".", ".."):
        raise OperationValueError(f"{dest!r} is neither an absolute path nor the name of a file in {KEYRINGS}")
    return f"{KEYRINGS}/{dest}"


def default_name(src: object, keyid: str | Sequence[str] | None) -> str:
    """Return the name for a keyring that the deploy does not name.

    :param keyid: the keys as they are written in the deploy, when they come from a key server.

    >>> default_name("https://example.org/keys/release.asc?v=1", None)
    'example.org-release.gpg'
    >>> default_name(None, ["0xF8D2585B8783D481"])
    'keyserver-0xf8d2585b8783d481.gpg'
    """
    if keyid:
        names = [keyid] if isinstance(keyid, str) else keyid
        return f"keyserver-{'-'.join(names).replace(' ', '').lower()}.gpg"
    if not isinstance(src, str):
        raise OperationValueError("apt.key needs `dest` when the key is a file object")
    url = urlsplit(src) if "://" in src else None
    file = (url.path if url else src).rstrip("/").rpartition("/")[2]
    stem = re.sub(r"\.(gpg|asc)$", "", file)
    name = f"{url.hostname}-{stem}" if url else stem
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
    return f"{safe}.gpg"


def keyserver_url(keyserver: str, keyid: str) -> str:
    """Return where a key server offers a key (draft-gallagher-openpgp-hkp, 3.1).

    :raises OperationValueError: a server of another kind.

    >>> keyserver_url("hkps://keys.example.org", "F8D2585B8783D481")
    'https://keys.example.org/pks/lookup?op=get&options=mr&search=0xF8D2585B8783D481'
    """
    scheme, _, place = keyserver.rpartition("://")
    place = place.rstrip("/")
    match scheme.lower():
        case "" | "hkps" | "https":
            base = f"https://{place}"
        case "hkp":
            base = f"http://{place}" if re.search(r":\d+$", place) else f"http://{place}:11371"
        case "http":
            base = f"http://{place}"
        case _:
            raise OperationValueError(f"{keyserver!r}: key servers are reached by hkps, hkp, https or http")
    if not re.fullmatch(r"[A-Za-z0-9.:\[\]_-]+", place):
        raise OperationValueError(f"{keyserver!r} is not the name of a key server")
    return f"{base}/pks/lookup?op=get&options=mr&search=0x{keyid}"
