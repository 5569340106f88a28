"""uv.packages"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.uv import UvPipOutdated, UvPipPackages
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Shell, Steps, sh
from ropewalk.operations.packaging import Packages
from ropewalk.operations.packaging.python_packages import Environment, ensure_python, known_options
from ropewalk.operations.uv.arguments import ExtraArguments, extra_words

# What uv pip list takes too, and whether a value follows: which environment is meant, and where packages come from.
_ENVIRONMENT = {"--python": True, "-p": True, "--system": False, "--target": True, "-t": True, "--prefix": True}
_INDEX = {"--index": True, "--default-index": True, "--index-url": True, "-i": True, "--extra-index-url": True,
          "--find-links": True, "-f": True, "--no-index": False, "--prerelease": True, "--pre": False,
          "--exclude-newer": True}  # fmt: skip


@operation()
def packages(
    packages: Packages,
    *,
    requirements: str | None = None,
    present: bool = True,
    latest: bool = False,
    extra_args: ExtraArguments = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove Python packages, with one call of ``uv pip`` for all of them.

    :param packages: requirements (``flask``, ``flask>=2,<4``, ``app @ https://...``), or paths and URLs. Those that
        do not tell a name (without ``#egg=name``) are installed on every run.
    :param requirements: path on the host of a requirements file. Where it has more than requirements (other files,
        URLs, environment markers), uv runs every time.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed, unless a version is asked for.
    :param extra_args: more arguments for ``uv pip``. Those that say which environment is meant (``--python PATH``,
        ``--system``) also decide which packages count as installed; without any, uv takes the environment of the
        directory it runs in (``_chdir``).
    :raises OperationValueError: something that is no requirement.

    ::

        uv.packages(name="Install the app", packages=["example-app>=2,<3"], extra_args="--python /opt/app/venv")
    """
    host = current_host.get()
    extra = extra_words(extra_args)
    place = known_options(extra, _ENVIRONMENT)
    sources = known_options(extra, _ENVIRONMENT | _INDEX)

    def uv_pip(action: str, names: Sequence[str], *options: str) -> Shell:
        return sh("uv", "pip", action, *options, "--no-progress", *extra, *names)

    environment = Environment(
        lambda names: uv_pip("install", names),
        lambda names: uv_pip("install", names, "--upgrade"),
        lambda names: uv_pip("uninstall", names),
        lambda: host.get_fact(UvPipPackages, options=place),
        lambda: host.get_fact(UvPipOutdated, options=sources),
    )
    yield from ensure_python(environment, packages, requirements, present=present, latest=latest)
