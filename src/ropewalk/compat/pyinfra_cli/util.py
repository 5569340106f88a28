"""What tests of v3's operations and facts take from its command line."""

from __future__ import annotations

from typing import Any

from ropewalk.report.values import plain


def json_encode(value: Any) -> Any:
    """Return a value that :mod:`json` cannot write as one that it can: the ``default`` of ``json.dumps``.

    >>> json.dumps({"groups": {"wheel"}}, default=json_encode)  # doctest: +SKIP
    '{"groups": ["wheel"]}'
    """
    return plain(value)
