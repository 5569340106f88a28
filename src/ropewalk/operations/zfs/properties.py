"""Properties of datasets: how they are spelled, and which differ. Pure functions; zfsprops(7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ropewalk.model.errors import OperationValueError

_NAME = re.compile(r"[a-z][a-z0-9_:.@-]*")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGTPEZ])(?:i?B)?|(\d+)B?", re.IGNORECASE)
_POWERS = "KMGTPEZ"
#: What zfs tells, with numbers in full, of a property that was set to "none"; the last one of a limit.
_NONE = ("none", "0", str(2**64 - 1))
#: zfsprops(7): values with another name, under which zfs tells them, or told them in earlier versions.
_ALIASES = {
    "acltype": {"posixacl": "posix", "noacl": "off", "disabled": "off"},
    "aclinherit": {"secure": "restricted"},
    "compression": {"gzip-6": "gzip"},
    "volmode": {"geom": "full"},
    "xattr": {"dir": "on"},
}
#: What zfs may tell of a property that was set to "on": the version chooses.
_ON = {"encryption": re.compile(r"aes-.*"), "xattr": re.compile("sa")}


def spelled(properties: Mapping[str, Any] | None, extra: Mapping[str, Any]) -> dict[str, str]:
    """Return properties as zfs takes them: booleans are ``on`` and ``off``.

    :raises OperationValueError: a name or value that cannot be one.
    """
    found = {}
    for name, value in {**(properties or {}), **extra}.items():
        if not _NAME.fullmatch(name) or value is None or "\0" in str(value):
            raise OperationValueError(f"{name}={value!r} is not a property of a dataset")
        found[name] = ("on" if value else "off") if isinstance(value, bool) else str(value)
    return found


def differing(have: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, tuple[str | None, str]]:
    """Return the properties that differ: name -> value that is, value that should be.

    :param have: as zfs tells them with numbers in full.

    >>> differing({"quota": "1073741824", "atime": "on"}, {"quota": "1G", "atime": "off"})
    {'atime': ('on', 'off')}
    """
    return {
        name: (have.get(name), value)
        for name, value in wanted.items()
        if name not in have or not _same(name, have[name], value)
    }


def size_in_bytes(text: str) -> int | None:
    """Return a size in bytes; ``None`` if the text is no size.

    >>> size_in_bytes("1.5G"), size_in_bytes("10"), size_in_bytes("lz4")
    (1610612736, 10, None)
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return None
    return int(match[3]) if match[3] else int(float(match[1]) * 1024 ** (_POWERS.index(match[2].upper()) + 1))


def rounded_up(size: int, block: int) -> int:
    """Return the size that a volume gets for the one that was asked for: zfs-create(8) rounds it up to whole blocks.

    >>> rounded_up(1000, 512)
    1024
    """
    return -(-size // block) * block


def _same(name: str, have: str, wanted: str) -> bool:
    if have == wanted or (have in _NONE and wanted in _NONE):
        return True
    aliases = _ALIASES.get(name, {})
    if aliases.get(have, have) == aliases.get(wanted, wanted):
        return True
    if wanted == "on" and name in _ON:
        return _ON[name].fullmatch(have) is not None
    size = size_in_bytes(wanted)
    return size is not None and have.isdecimal() and size == int(have)
