"""OpenPGP public keys as files hold them (RFC 9580): just enough to tell which keys a keyring has.

apt trusts a keyring as a whole, so this reads no signatures: it splits a keyring into its keys and computes
their fingerprints, which needs no gpg on the host.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator

_BLOCK = re.compile(
    rb"-----BEGIN PGP PUBLIC KEY BLOCK-----[ \t]*\r?\n(.*?)-----END PGP PUBLIC KEY BLOCK-----", re.DOTALL
)
_PUBLIC_KEY, _PUBLIC_SUBKEY = 6, 14
_CRC_INIT, _CRC_POLY = 0xB704CE, 0x864CFB


class NotAKeyring(ValueError):
    """The bytes are not OpenPGP public keys."""


def keys_in(data: bytes) -> dict[str, bytes]:
    """Split a keyring, binary or armored, into its keys.

    :returns: fingerprint (upper-case hexadecimal) -> the key with all that belongs to it, binary.
    :raises NotAKeyring: it is something else.
    """
    keys: dict[str, bytes] = {}
    current: str | None = None
    for tag, body, raw in _packets(_binary(data)):
        if tag == _PUBLIC_KEY:
            current = fingerprint(body)
            keys[current] = keys.get(current, b"") + raw
        elif current is None:
            raise NotAKeyring("it does not start with a public key")
        else:
            keys[current] += raw
    return keys


def identifiers(key: bytes) -> set[str]:
    """Return the fingerprints of a key and its subkeys."""
    return {fingerprint(body) for tag, body, _ in _packets(key) if tag in (_PUBLIC_KEY, _PUBLIC_SUBKEY)}


def fingerprint(body: bytes) -> str:
    """Return the fingerprint of a public key packet (RFC 9580, 5.5.4).

    Keys of other versions than 4 and 6, which apt does not accept, get a name that no fingerprint can be.
    """
    version = body[0] if body else 0
    if version == 4:
        return hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body).hexdigest().upper()
    if version == 6:
        return hashlib.sha256(b"\x9b" + len(body).to_bytes(4, "big") + body).hexdigest().upper()
    return f"version {version}: {hashlib.sha256(body).hexdigest()}"


def armor(keys: Iterable[bytes]) -> bytes:
    """Write keys as text (RFC 9580, 6.2)."""
    data = b"".join(keys)
    lines = base64.encodebytes(data).replace(b"\n", b"")
    wrapped = b"\n".join(lines[start : start + 64] for start in range(0, len(lines), 64))
    check = base64.b64encode(_crc24(data).to_bytes(3, "big"))
    begin, end = (b"-----%s PGP PUBLIC KEY BLOCK-----\n" % word for word in (b"BEGIN", b"END"))
    return begin + b"\n" + wrapped + b"\n=" + check + b"\n" + end


def _binary(data: bytes) -> bytes:
    blocks = _BLOCK.findall(data)
    return b"".join(map(_dearmored, blocks)) if blocks else data


def _dearmored(block: bytes) -> bytes:
    """Decode what stands between the lines that begin and end a block: headers, an empty line, base64, a checksum."""
    lines = [line.strip() for line in block.splitlines()]
    start = lines.index(b"") if b"" in lines else 0
    try:
        return base64.b64decode(b"".join(line for line in lines[start:] if not line.startswith(b"=")), validate=True)
    except binascii.Error as error:
        raise NotAKeyring(f"its text is damaged ({error})") from None


def _packets(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield the tag, the body and the whole of each packet (RFC 9580, 4.2)."""
    position = 0
    while position < len(data):
        tag, start, length = _header(data, position)
        end = start + length
        if end > len(data):
            raise NotAKeyring("it is cut short")
        yield tag, data[start:end], data[position:end]
        position = end


def _header(data: bytes, position: int) -> tuple[int, int, int]:
    """Return the tag of the packet at a position, where its body starts and how long that is."""
    first = data[position]
    if not first & 0x80:
        raise NotAKeyring("it is neither binary nor armored")
    sized = data[position + 1 : position + 6]
    if first & 0x40:
        return first & 0x3F, *_new_length(sized, position + 1)
    octets = (1, 2, 4, 0)[first & 3]
    if not octets or len(sized) < octets:
        raise NotAKeyring("a packet has no length")
    return (first >> 2) & 0x0F, position + 1 + octets, int.from_bytes(sized[:octets], "big")


def _new_length(sized: bytes, at: int) -> tuple[int, int]:
    match list(sized):
        case [one, *_] if one < 192:
            return at + 1, one
        case [one, two, *_] if one < 224:
            return at + 2, ((one - 192) << 8) + two + 192
        case [255, *rest] if len(rest) == 4:
            return at + 5, int.from_bytes(sized[1:5], "big")
    raise NotAKeyring("a packet has no length")


def _crc24(data: bytes) -> int:
    crc = _CRC_INIT
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = (crc << 1) ^ (_CRC_POLY if crc & 0x800000 else 0)
    return crc & 0xFFFFFF
