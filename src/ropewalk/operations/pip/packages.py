"""pip.packages"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.pip import PipOutdated, PipPackages
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Shell, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.packaging import Packages, words
from ropewalk.operations.packaging.python_packages import Environment, ensure_python, known_options
from ropewalk.operations.pip.environments import virtualenv as make_environment
from ropewalk.shell.paths import path_word

# What pip list takes too, and whether a value follows.
_INDEX = {"-i": True, "--index-url": True, "--extra-index-url": True, "-f": True, "--find-links": True,
          "--no-index": False, "--pre": False, "--trusted-host": True, "--proxy": True, "--cert": True}  # fmt: skip


@operation()
def packages(
    packages: Packages = None,
    present: bool = True,
    latest: bool = False,
    requirements: str | None = None,
    pip: str = "pip",
    virtualenv: str | None = None,
    virtualenv_kwargs: Mapping[str, Any] | None = None,
    extra_install_args: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove Python packages, with one call of pip for all of them.

    :param packages: requirements (``flask``, ``flask>=2,<4``, ``flask[async]==3.0``, ``app @ https://...``), or paths
        and URLs. Those that do not tell a name (without ``#egg=name``) are installed on every run.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed, unless a version is asked for.
    :param requirements: path on the host of a requirements file. Where it has more than requirements (other files,
        URLs, environment markers), pip runs every time.
    :param pip: how pip is called: a program, or words such as ``python3 -m pip``; with ``virtualenv`` the name of
        the program in it.
    :param virtualenv: path of the virtual environment; it is made if it is not there.
    :param virtualenv_kwargs: arguments for ``pip.virtualenv``, which makes it.
    :param extra_install_args: more arguments for ``pip install``, quoted as on a command line.
    :raises OperationValueError: something that is no requirement.

    ::

        pip.packages(
            name="Install the app",
            packages=["example-app>=2,<3"],
            virtualenv="/opt/app/venv",
            virtualenv_kwargs={"venv": True},
        )
    """
    if virtualenv is not None:
        yield from make_environment._inner(virtualenv, **(virtualenv_kwargs or {}))
        pip = shlex.quote(f"{virtualenv.rstrip('/')}/bin/{pip}")
    elif virtualenv_kwargs:
        raise OperationValueError("`virtualenv_kwargs` is for a `virtualenv`, and none is given")
    yield from ensure_python(_environment(pip, words(extra_install_args)), packages, requirements,
                             present=present, latest=latest)  # fmt: skip


def _environment(pip: str, extra: Sequence[str]) -> Environment:
    host = current_host.get()
    first, *others = PipPackages().words(pip)
    program = [path_word(first), *others]
    index = known_options(extra, _INDEX)

    def install(names: Sequence[str], *options: str) -> Shell:
        return sh(*program, "install", *options, *extra, *names)

    return Environment(
        install,
        lambda names: install(names, "--upgrade"),
        lambda names: sh(*program, "uninstall", "--yes", *names),
        lambda: host.get_fact(PipPackages, pip=pip),
        lambda: host.get_fact(PipOutdated, pip=pip, options=index),
    )
