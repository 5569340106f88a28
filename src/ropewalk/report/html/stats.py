"""``ropewalk stats --html``: how long runs took and how they ended, what is slow, which hosts fail, as one page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropewalk.report.html.page import COMMON, page
from ropewalk.report.text import clean


def document(stats: Mapping[str, Any]) -> str:
    """Return the page of what the history tells.

    :param stats: what ``ropewalk stats --json`` writes: ``runs`` (the last one first), ``slowest`` and ``flakiest``.
    """
    return page("stats.html", ("page.css", "stats.css"), (*COMMON, "stats.js"), _clean(stats))


def _clean(value: Any) -> Any:
    """Return a document whose texts cannot do anything but be shown."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {key: _clean(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(entry) for entry in value]
    return value
