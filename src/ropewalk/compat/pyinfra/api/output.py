"""Styled text and messages, replaceable by a program that has an output of its own (v3's ``api.output``)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def _plain_text(text: str, *args: Any, **kwargs: Any) -> str:
    return text


def _to_stderr(message: Any = None, **kwargs: Any) -> None:
    print("" if message is None else message, file=sys.stderr)


_text: Callable[..., str] = _plain_text
_say: Callable[..., None] = _to_stderr


def format_text(text: str, *args: Any, **kwargs: Any) -> str:
    """Return text in a style (``"red"``, ``bold=True``): as it is, until ``set_formatter`` gives a formatter."""
    return _text(text, *args, **kwargs)


def echo(message: Any = None, **kwargs: Any) -> None:
    """Say something to the user, on standard error unless ``set_echo`` says otherwise."""
    _say(message, **kwargs)


def set_formatter(func: Callable[..., str]) -> None:
    """Let ``format_text`` call this function."""
    global _text
    _text = func


def set_echo(func: Callable[..., None]) -> None:
    """Let ``echo`` call this function."""
    global _say
    _say = func


def is_output_active() -> bool:
    """Say whether somebody may be watching: whether standard error is a terminal."""
    return sys.stderr.isatty()
