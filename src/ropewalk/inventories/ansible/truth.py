"""What Ansible takes for true."""

from __future__ import annotations

_TRUE = frozenset({"true", "yes", "on", "1", "y", "t", "1.0"})


def is_true(value: object) -> bool:
    """Say whether Ansible takes a value for true.

    >>> is_true("yes"), is_true("False"), is_true(1)
    (True, False, True)
    """
    return str(value).strip().lower() in _TRUE
