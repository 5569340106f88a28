"""Texts before and after, for ``--diff``: read from the host only when somebody wants to see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropewalk.api.context import current_config, current_host
from ropewalk.facts.files import FileContents
from ropewalk.model.command import Diff, Steps
from ropewalk.operations.files.content import Content


def wanted() -> bool:
    """Return whether differences of text are shown."""
    return bool(current_config.get().DIFF)


def content_diff(path: str, info: Mapping[str, Any] | None, content: Content) -> Steps:
    """Show how new content differs from what is there; says nothing of binary or secret content."""
    if not wanted():
        return
    after = content.text()
    if after is not None:
        yield Diff(path, file_text(path) if info else None, after)


def file_text(path: str) -> str | None:
    """Return the text of a file of the host, ``None`` when there is no file."""
    lines = current_host.get().get_fact(FileContents, path=path)
    return None if lines is None else as_text(lines)


def as_text(lines: list[str]) -> str:
    """Join lines, each with its line end."""
    return "".join(f"{line}\n" for line in lines)
