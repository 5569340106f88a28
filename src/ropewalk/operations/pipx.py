"""Python applications in environments of their own, with pipx."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.api.python_requirements import fits
from ropewalk.facts.pipx import PipxEnvironment, PipxOutdated, PipxPackages
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Shell, Steps, sh
from ropewalk.operations.packaging import Manager, Packages, ensure, words
from ropewalk.operations.packaging.previews import if_anything
from ropewalk.operations.packaging.python_packages import is_named, normal, read_python
from ropewalk.operations.packaging.search_path import ensure_on_path


@operation()
def packages(
    packages: Packages = None,
    present: bool = True,
    latest: bool = False,
    extra_args: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove Python applications.

    An application that is there in another version than the one asked for is installed again.

    :param packages: requirements (``black``, ``black==24.1.0``, ``black[d]``), or paths and URLs. Those that do not
        tell a name (without ``#egg=name``) are given to pipx on every run, which leaves them alone if they are there.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed, unless a version is asked for.
    :param extra_args: more arguments for ``pipx install``, quoted as on a command line.
    :raises OperationValueError: something that is no requirement.

    ::

        pipx.packages(name="Install the formatter", packages=["black"], latest=True)
    """
    extra = words(extra_args)

    def install(names: Sequence[str]) -> list[Shell]:
        # pipx would leave another version alone, and call that success.
        have = _installed()
        return [sh("pipx", "install", *extra, *(["--force"] if read_python(name).name in have else []), name)
                for name in names]  # fmt: skip

    manager = Manager(
        install,
        lambda names: [sh("pipx", "uninstall", name) for name in names],
        lambda names: [sh("pipx", "upgrade", read_python(name).name) for name in names],
        read=read_python,
        fits=fits,
        newer=_newer,
        is_clear=is_named,
    )
    yield from ensure(manager, packages, _installed, present=present, latest=latest)


@operation()
def upgrade_all(**_: Unpack[GlobalArguments]) -> Steps:
    """Upgrade all applications that have a newer version.

    ::

        pipx.upgrade_all(name="Upgrade the tools")
    """
    have = _installed()
    newer = _newer(list(have)) if have else {}
    changes = [Change(name, ", ".join(sorted(have[name])), version) for name, version in newer.items()]
    yield from if_anything(changes, sh("pipx", "upgrade-all"), "there is nothing to upgrade")


@operation()
def ensure_path(**_: Unpack[GlobalArguments]) -> Steps:
    """Let the shells of the user find the applications: their directory is added to ``PATH`` at login.

    :raises OperationError: pipx is not there, or does not tell the directory.

    ::

        pipx.ensure_path(name="Find pipx's programs")
    """
    directory = current_host.get().get_fact(PipxEnvironment).get("PIPX_BIN_DIR", "")
    yield from ensure_on_path(directory, sh("pipx", "ensurepath"))


def _installed() -> dict[str, set[str]]:
    return normal(current_host.get().get_fact(PipxPackages))


def _newer(names: Sequence[str]) -> Mapping[str, str]:
    return normal(current_host.get().get_fact(PipxOutdated, packages=list(names)))
