"""Executes inventory, data and config files, and turns what goes wrong in them into one clear error."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from ropewalk.inventories.bindings import Source
from ropewalk.model.errors import LoadError, RopewalkError, UsageError
from ropewalk.model.record import record


@record
class Executed:
    """A file that has been executed.

    :param shown: what messages call the file: relative to the working directory when it is inside it.
    :param values: its top-level names.
    :param source: its text, parsed.
    """

    path: Path
    shown: str
    values: dict[str, Any]
    source: Source

    def where(self, name: str) -> str:
        """Return the ``file:line`` that last gives a top-level name its value."""
        binding = self.source.bindings.get(name)
        return f"{self.shown}:{binding.line}" if binding else self.shown


def execute(path: Path, *, cwd: Path) -> Executed:
    """Execute a Python file in the working directory, from which it can import, and return its names.

    :param path: the file; relative to ``cwd``.
    :raises LoadError: it cannot be read, is not Python, or raises; says where, and keeps the exception as cause.
    :raises UsageError: it uses ropewalk wrongly; says where.
    """
    path = cwd / path
    shown = shorten(path, cwd)
    with loading(shown, cwd=cwd, file=shown), working_in(cwd):
        source = Source.parse(path.read_bytes(), str(path))
        # No __name__: as in v3 it is that of builtins, under which dataclasses and enums of the file work.
        values: dict[str, Any] = {"__file__": str(path)}
        exec(compile(source.tree, str(path), "exec", dont_inherit=True), values)  # noqa: S102
    values.pop("__builtins__", None)
    return Executed(path, shown, values, source)


def shorten(path: str | Path, cwd: Path) -> str:
    """Return how messages name a file."""
    try:
        return str(Path(path).relative_to(cwd))
    except ValueError:
        return str(path)


@contextlib.contextmanager
def working_in(cwd: Path) -> Iterator[None]:
    """Make a directory the working directory, and import modules from it."""
    entry = str(cwd)
    added = entry not in sys.path
    if added:
        sys.path.insert(0, entry)
    try:
        with contextlib.chdir(cwd):
            yield
    finally:
        if added and entry in sys.path:
            sys.path.remove(entry)


@contextlib.contextmanager
def loading(what: str, *, cwd: Path, file: str | None = None) -> Iterator[None]:
    """Turn whatever the user's code raises in this ``with`` into a ``UsageError`` that says where it was.

    :param what: what is being loaded, for the message.
    :param file: where a mistake is that no line of the user's code has raised.
    """
    try:
        yield
    except UsageError as error:
        error.where = error.where or _where(error.__traceback__, cwd) or file
        raise
    except RopewalkError as error:
        where = _where(error.__traceback__, cwd) or file
        raise LoadError(f"{what} cannot be loaded: {error}", hint=error.hint, where=where) from error
    except SyntaxError as error:
        where = f"{shorten(error.filename or what, cwd)}:{error.lineno or 1}"
        raise LoadError(f"{what} cannot be loaded: {error.msg}", where=where, hint=_not_python(what)) from error
    except SystemExit as error:
        where = _where(error.__traceback__, cwd) or file
        raise LoadError(f"{what} cannot be loaded: it ends the process ({_name(error)})", where=where) from error
    except Exception as error:
        where = _where(error.__traceback__, cwd) or file
        raise LoadError(f"{what} cannot be loaded: {_name(error)}", where=where, hint=_hint(error)) from error


def _name(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip()


def _hint(error: Exception) -> str | None:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"{error.name} must be installed beside ropewalk, or lie in the working directory"
    return None


def _not_python(what: str) -> str | None:
    return None if what.endswith(".py") else "the file is executed as Python, whatever its name"


def _where(trace: TracebackType | None, cwd: Path) -> str | None:
    """Return the ``file:line`` of the innermost frame that is the user's own code."""
    for frame in reversed(traceback.extract_tb(trace)):
        if not frame.filename.startswith(_not_the_users()):
            return f"{shorten(frame.filename, cwd)}:{frame.lineno}"
    return None


@functools.cache
def _not_the_users() -> tuple[str, ...]:
    import sysconfig  # reads a large table, which only somebody whose inventory fails has to wait for

    places = {sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return ("<frozen ", str(Path(__file__).parents[1]) + os.sep, *places)
