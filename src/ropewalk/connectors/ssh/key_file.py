"""What a private key file says about itself without being decrypted."""

from __future__ import annotations

import base64
import re

_MAGIC = b"openssh-key-v1\0"
_ARMOUR = re.compile(rb"-----BEGIN OPENSSH PRIVATE KEY-----(.*?)-----END", re.DOTALL)


def is_encrypted(data: bytes) -> bool:
    """Say whether a passphrase is needed: by the cipher in OpenSSH's format, by a header in PEM."""
    fields = _openssh_fields(data)
    return fields[0] != b"none" if fields else b"ENCRYPTED" in data


def public_line(data: bytes | None) -> bytes | None:
    """Return the public half, as ``TYPE BASE64``, which OpenSSH's format keeps in clear beside the private one."""
    fields = _openssh_fields(data or b"")
    if len(fields) < 4:
        return None
    length = int.from_bytes(fields[3][:4], "big")
    return fields[3][4 : 4 + length] + b" " + base64.b64encode(fields[3])


def _openssh_fields(data: bytes) -> list[bytes]:
    """Return cipher, key derivation, its options and the first public key (PROTOCOL.key of OpenSSH)."""
    match = _ARMOUR.search(data)
    try:
        blob = base64.b64decode(match[1]) if match else b""
    except ValueError:
        return []
    if not blob.startswith(_MAGIC):
        return []
    fields, position = [], len(_MAGIC)
    for index in range(4):
        position += 4 if index == 3 else 0  # the number of keys
        length = int.from_bytes(blob[position : position + 4], "big")
        fields.append(blob[position + 4 : position + 4 + length])
        position += 4 + length
    return fields
