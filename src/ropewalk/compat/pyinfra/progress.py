"""The progress display that v3's connectors open around long work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ropewalk.compat.logs import logger


@contextmanager
def progress_spinner(items: Iterable[Any], prefix_message: str | None = None) -> Iterator[Callable[[Any], None]]:
    """Yield a function that is told of each of the items when it is done.

    Ropewalk's own display shows which host is busy; the items are told to the log at debug level.
    """
    left = {str(item) for item in items}
    title = f"{prefix_message}: " if prefix_message else ""

    def done(item: Any) -> None:
        left.discard(str(item))
        logger.debug("%s%s is done, %d to go", title, item, len(left))

    yield done
