"""uv.tools and what goes with it: Python applications in environments of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.api.python_requirements import fits
from ropewalk.facts.uv import UvToolBinDir, UvTools, UvToolsOutdated
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Raw, Shell, Steps, sh
from ropewalk.operations.packaging import Manager, Packages, ensure
from ropewalk.operations.packaging.previews import if_anything
from ropewalk.operations.packaging.python_packages import is_named, normal, read_python
from ropewalk.operations.packaging.search_path import ensure_on_path
from ropewalk.operations.uv.arguments import ExtraArguments, extra_words

# uv goes by $SHELL, which is not set where nobody logs in; the account knows it.
_SHELL = """SHELL="${SHELL:-$(awk -F: -v "u=$(id -u)" '$3 == u { print $7; exit }' /etc/passwd)}\""""


@operation()
def tools(
    tools: Packages,
    *,
    present: bool = True,
    latest: bool = False,
    extra_args: ExtraArguments = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove tools: Python applications in environments of their own.

    :param tools: requirements (``ruff``, ``ruff==0.6.9``), or paths and URLs. Those that do not tell a name (without
        ``#egg=name``) are installed on every run.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed, unless a version is asked for.
    :param extra_args: more arguments for ``uv tool install`` or ``uv tool uninstall``.
    :raises OperationValueError: something that is no requirement.

    ::

        uv.tools(name="Install the linter", tools=["ruff"], latest=True)
    """
    extra = extra_words(extra_args)

    def each(*words: str) -> Callable[[Sequence[str]], list[Shell]]:
        return lambda names: [sh("uv", "tool", *words, "--no-progress", *extra, name) for name in names]

    manager = Manager(
        each("install"),
        each("uninstall"),
        each("install", "--upgrade"),
        read=read_python,
        fits=fits,
        newer=lambda _: _newer(),
        is_clear=is_named,
    )
    yield from ensure(manager, tools, _installed, present=present, latest=latest)


@operation()
def tools_upgrade_all(*, extra_args: ExtraArguments = None, **_: Unpack[GlobalArguments]) -> Steps:
    """Upgrade all tools that have a newer version.

    :param extra_args: more arguments for ``uv tool upgrade``.
    :raises OperationValueError: ``extra_args`` cannot be read as a command line.

    ::

        uv.tools_upgrade_all(name="Upgrade the tools")
    """
    have = _installed()
    newer = _newer() if have else {}
    known = None if newer is None else [
        Change(name, ", ".join(sorted(have.get(name, ()))), version) for name, version in newer.items()
    ]  # fmt: skip
    command = sh("uv", "tool", "upgrade", "--all", "--no-progress", *extra_words(extra_args))
    yield from if_anything(known, command, "there is nothing to upgrade")


@operation()
def tools_update_shell(**_: Unpack[GlobalArguments]) -> Steps:
    """Let the shells of the user find the tools: their directory is added to ``PATH`` at login.

    :raises OperationError: uv is not there, or does not tell the directory.

    ::

        uv.tools_update_shell(name="Find uv's tools")
    """
    directory = current_host.get().get_fact(UvToolBinDir)
    yield from ensure_on_path(directory, sh(Raw(_SHELL), "uv", "tool", "update-shell"))


def _installed() -> dict[str, set[str]]:
    return normal(current_host.get().get_fact(UvTools))


def _newer() -> Mapping[str, str] | None:
    found = current_host.get().get_fact(UvToolsOutdated)
    return None if found is None else normal(found)
