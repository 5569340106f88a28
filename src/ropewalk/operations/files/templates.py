"""Jinja2: the only module that knows it."""

from __future__ import annotations

import functools
import os
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any

import jinja2

from ropewalk.api.context import current_host, current_state, on_local_files
from ropewalk.model.command import Secret
from ropewalk.model.errors import OperationError, RopewalkError
from ropewalk.operations.files.content import local_path

_GIVEN = "<template>"
_SETTINGS: dict[str, Any] = {"undefined": jinja2.StrictUndefined, "keep_trailing_newline": True}


def render(
    source: str | os.PathLike[str] | IO[Any], data: Mapping[str, Any], jinja_env_kwargs: Mapping[str, Any] | None = None
) -> bytes | Secret:
    """Render a template for the current host; the result is the source of an ``Upload``.

    ``host``, ``state`` and ``inventory`` are there unless ``data`` has values of those names. An undefined name is
    an error; the line end at the end of the template is kept; ``include`` and ``extends`` look for files below the
    directory of the run. ``{{ value }}`` of a ``Secret`` reveals it, and makes the result a ``Secret``; filters see
    its mask.

    :param source: a path relative to the directory of the run, or anything with ``read()``.
    :param jinja_env_kwargs: arguments of ``jinja2.Environment``, which win over these settings.
    :raises OperationError: it cannot be read, compiled or rendered; names file and line.
    """
    name, text = _read(source)
    state = current_state.get()
    names = {"host": current_host.get(), "state": state, "inventory": state.inventory, **data}
    on_local_files.get()()  # templates include others
    folder = state.cwd or "."
    try:
        if jinja_env_kwargs:
            template = _compiled(_environment(folder, jinja_env_kwargs), text, name)
        else:
            template = _usual(text, name, folder)
        rendered, secret = _rendered(template, names)
    except RopewalkError:
        raise  # a fact that the template asked for could not be read
    except jinja2.TemplateSyntaxError as error:
        raise _error(error.filename or name, error.lineno, error.message or "", error.source or text) from error
    except Exception as error:
        raise _failed(name, text, error) from error
    return Secret(rendered) if secret else rendered.encode()


@functools.lru_cache(maxsize=512)
def _usual(text: str, name: str, folder: str) -> jinja2.Template:
    """Return a template with the usual settings, which is the same for all hosts."""
    return _compiled(_usual_environment(folder), text, name)


@functools.lru_cache(maxsize=8)
def _usual_environment(folder: str) -> jinja2.Environment:
    return _environment(folder, {})


def _environment(folder: str, given: Mapping[str, Any]) -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(folder)
    return jinja2.Environment(**{**_SETTINGS, "finalize": _reveal, "loader": loader, **given})


def _compiled(environment: jinja2.Environment, text: str, name: str) -> jinja2.Template:
    code = environment.compile(text, name=name, filename=name)
    return environment.template_class.from_code(environment, code, environment.make_globals(None))


#: The secrets that have got into the text that is being made.
_revealed: ContextVar[list[Secret]] = ContextVar("revealed")


def _rendered(template: jinja2.Template, names: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the text, and whether there is a secret in it."""
    before = _revealed.set([])
    try:
        return template.render(names), bool(_revealed.get())
    finally:
        _revealed.reset(before)


def _reveal(value: Any) -> Any:
    """Let the value of a secret into the text, and remember that it was."""
    if not isinstance(value, Secret):
        return value
    _revealed.get().append(value)
    return value.value


def _read(source: str | os.PathLike[str] | IO[Any]) -> tuple[str, str]:
    if not isinstance(source, str | os.PathLike):
        if source.seekable():
            source.seek(0)
        given = source.read()
        return _GIVEN, given.decode() if isinstance(given, bytes) else given
    path = local_path(source)
    try:
        return path, Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise OperationError(f"the template {path} does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise OperationError(f"the template {path} cannot be read: {error}") from error


def _failed(name: str, text: str, error: Exception) -> OperationError:
    """Describe an error of rendering: jinja2 rewrites the traceback so that template lines appear in it."""
    places = [
        (frame.filename, frame.lineno)
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == name or frame.name == "top-level template code" or frame.name.startswith("block ")
    ]
    file, line = places[-1] if places else (name, None)
    problem = str(error) if isinstance(error, jinja2.TemplateError) else f"{type(error).__name__}: {error}"
    if isinstance(error, jinja2.TemplateNotFound):
        problem = f"there is no template {error.name}"
    if file != name:
        text = Path(file).read_text(encoding="utf-8", errors="replace") if os.path.isfile(file) else ""
    return _error(file, line, problem, text)


def _error(file: str, line: int | None, problem: str, text: str) -> OperationError:
    message = f"error in the template {file}{f', line {line}' if line else ''}: {problem}"
    if line:
        lines = text.splitlines()
        around = range(max(line - 1, 1), min(line + 1, len(lines)) + 1)
        message += "".join(f"\n{'>' if number == line else ' '} {number}: {lines[number - 1]}" for number in around)
    return OperationError(message)
