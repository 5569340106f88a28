"""What runs for every host: deploy files, or a function that stands for what was asked for on the command line."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from ropewalk.api.context import current_config
from ropewalk.engine import imports
from ropewalk.engine.order import base_position
from ropewalk.model.errors import LoadError

#: The deploy file that is being executed.
current_file: ContextVar[str | None] = ContextVar("file", default=None)


class Program(Protocol):
    """Something to run for a host; called in its context, once per pass."""

    @property
    def name(self) -> str: ...

    def __call__(self) -> None: ...


@dataclass(frozen=True)
class FunctionProgram:
    """A program that is a function."""

    function: Callable[[], Any]
    name: str

    def __call__(self) -> None:
        self.function()


@dataclass(frozen=True)
class DeployFile:
    """A program that is a file of Python.

    :raises LoadError: when it is made: the file is missing or does not parse.
    """

    path: str

    _full: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        load(self.path)
        object.__setattr__(self, "_full", os.path.abspath(self.path))  # the deploy may change the working directory

    @property
    def name(self) -> str:
        return self.path

    def __call__(self) -> None:
        execute(self._full)


def execute(path: str) -> None:
    """Execute a deploy file with fresh globals; changes to the config end with it."""
    full = os.path.abspath(path)
    config = current_config.get()
    before, outer = config.get_current_state(), current_file.set(full)
    try:
        with imports.namespace(full) as names:
            exec(load(path), names)  # noqa: S102 (this is what a deploy is)
    finally:
        current_file.reset(outer)
        config.set_current_state(before)


def load(path: str) -> Any:
    """Return a file's code, compiled once for each version of its content.

    :raises LoadError: the file cannot be read or parsed.
    """
    full = os.path.abspath(path)
    try:
        stat = os.stat(full)
        return _compiled(full, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise LoadError(f"cannot read {path}: {error.strerror}") from error
    except SyntaxError as error:
        raise LoadError(
            f"{path} is not valid Python: {error.msg}: {(error.text or '').strip()}", where=f"{path}:{error.lineno}"
        ) from error
    except (ValueError, UnicodeDecodeError) as error:
        raise LoadError(f"{path} is not Python: {error}") from error


@functools.lru_cache(maxsize=512)
def _compiled(full: str, mtime: int, size: int) -> Any:
    with open(full, "rb") as file:
        return compile(file.read(), full, "exec", dont_inherit=True)


@contextmanager
def numbered(number: int) -> Iterator[None]:
    """Say that what runs inside is the program of this number: its operations come after those before it."""
    token = base_position.set((number,))
    try:
        yield
    finally:
        base_position.reset(token)
