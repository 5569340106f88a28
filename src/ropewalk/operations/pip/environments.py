"""pip.venv and pip.virtualenv: directories with a Python of their own."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.operations.packaging.virtual_environments import ensure_environment
from ropewalk.shell.paths import path_word


@operation()
def venv(
    path: str,
    python: str | None = None,
    site_packages: bool = False,
    always_copy: bool = False,
    present: bool = True,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make a virtual environment with Python's own ``venv``, or remove it.

    :param path: its directory.
    :param python: the Python that makes it, and will be in it; by default ``python3``.
    :param site_packages: let it see the packages of that Python.
    :param always_copy: copy files into it instead of linking to them.
    :param present: ``False`` removes the directory, if it is a virtual environment.

    ::

        pip.venv(name="Make an environment for the app", path="/opt/app/venv")
    """
    yield from _venv(path, python, site_packages, always_copy, present)


@operation()
def virtualenv(
    path: str,
    python: str | None = None,
    venv: bool = False,
    site_packages: bool = False,
    always_copy: bool = False,
    present: bool = True,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make a virtual environment with the program ``virtualenv``, or remove it.

    :param path: its directory.
    :param python: the Python that will be in it; by default the one that ``virtualenv`` runs with.
    :param venv: use Python's own ``venv`` instead, see ``pip.venv``.
    :param site_packages: let it see the packages of that Python.
    :param always_copy: copy files into it instead of linking to them.
    :param present: ``False`` removes the directory, if it is a virtual environment.

    ::

        pip.virtualenv(name="Make an environment for the app", path="/opt/app/venv", python="python3.11")
    """
    if venv:
        yield from _venv(path, python, site_packages, always_copy, present)
        return
    options = [*(["--python", python] if python else []), *(["--system-site-packages"] if site_packages else []),
               *(["--always-copy"] if always_copy else [])]  # fmt: skip
    yield from ensure_environment(path, present, sh("virtualenv", *options, path_word(path)))


def _venv(path: str, python: str | None, site_packages: bool, always_copy: bool, present: bool) -> Steps:
    options = [*(["--system-site-packages"] if site_packages else []), *(["--copies"] if always_copy else [])]
    yield from ensure_environment(path, present, sh(python or "python3", "-m", "venv", *options, path_word(path)))
