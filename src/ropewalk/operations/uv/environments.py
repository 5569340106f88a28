"""uv.venv: directories with a Python of their own."""

from __future__ import annotations

from typing import Literal, Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.packaging.virtual_environments import ensure_environment
from ropewalk.operations.uv.arguments import ExtraArguments, extra_words
from ropewalk.shell.paths import path_word


@operation()
def venv(
    path: str,
    *,
    present: bool = True,
    python: str | None = None,
    allow_existing: bool = False,
    clear_existing: bool = False,
    link_mode: Literal["clone", "copy", "hardlink", "symlink"] | None = None,
    seed: bool = False,
    site_packages: bool = False,
    extra_args: ExtraArguments = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make a virtual environment with uv, or remove it.

    :param path: its directory.
    :param present: ``False`` removes the directory, if it is a virtual environment.
    :param python: the Python that will be in it, as uv takes requests.
    :param allow_existing: if the directory has files, but is no virtual environment, make one among them.
    :param clear_existing: if so, remove these files first.
    :param link_mode: how packages get from uv's cache into the environment.
    :param seed: install pip into it.
    :param site_packages: let it see the packages of the system's Python.
    :param extra_args: more arguments for ``uv venv``.
    :raises OperationValueError: both ``allow_existing`` and ``clear_existing``.

    ::

        uv.venv(name="Make an environment for the app", path="/opt/app/venv", python="3.12")
    """
    if allow_existing and clear_existing:
        raise OperationValueError("existing files can be kept (allow_existing) or removed (clear_existing), not both")
    options = [
        *(["--allow-existing"] if allow_existing else []),
        *(["--clear"] if clear_existing else []),
        *(["--seed"] if seed else []),
        *(["--link-mode", link_mode] if link_mode else []),
        *(["--system-site-packages"] if site_packages else []),
        *(["--python", python] if python else []),
    ]
    make = sh("uv", "venv", *options, *extra_words(extra_args), "--", path_word(path))
    yield from ensure_environment(path, present, make)
