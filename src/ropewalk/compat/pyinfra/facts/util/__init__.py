"""Commands that print files, for facts that read them."""

from __future__ import annotations

from collections.abc import Iterable


def make_cat_files_command(*filenames: str | Iterable[str]) -> str:
    """Return shell syntax that prints files and shell patterns; those that match nothing are passed over.

    >>> make_cat_files_command("/etc/a.conf", "/etc/a.d/*.conf")
    'for f in /etc/a.conf /etc/a.d/*.conf; do [ ! -f "$f" ] || cat "$f"; done'
    """
    return f'for f in {" ".join(_flat(filenames))}; do [ ! -f "$f" ] || cat "$f"; done'


def make_cat_files_command_with_markers(marker: str, *filenames: str) -> str:
    """As :func:`make_cat_files_command`, but each file comes after a line of the marker and its name.

    :param marker: text without quotes, backslashes and percent signs.
    """
    return (
        f'for f in {" ".join(filenames)}; do [ ! -f "$f" ] || {{ printf \'{marker} %s\\n\' "$f" && cat "$f"; }}; done'
    )


def _flat(filenames: Iterable[str | Iterable[str]]) -> list[str]:
    return [name for one in filenames for name in ([one] if isinstance(one, str) else one)]
