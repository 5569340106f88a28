"""What v3's authors of package operations share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.api.python_requirements import read_requirement
from ropewalk.model.command import Renderable, Steps
from ropewalk.model.errors import OperationTypeError
from ropewalk.model.v3command import QuoteString, StringCommand
from ropewalk.operations.packaging import Manager, Wanted, ensure, words
from ropewalk.operations.packaging.names import checked, wanted
from ropewalk.operations.packaging.rpm_files import rpm_file
from ropewalk.operations.packaging.rpm_repositories import rpm_repository

if TYPE_CHECKING:
    from ropewalk.api.host import Host
    from ropewalk.api.state import State

Command = str | StringCommand


def default_inst_vers_format_fn(name: str, operator: str, version: str) -> str:
    """Return how a package and its version are written for a command: one after the other."""
    return f"{name}{operator}{version}"


class PkgInfo(NamedTuple):
    """A package to ensure, as v3 describes it.

    :ivar operator: between name and version, when that is written.
    :ivar url: where it comes from, if it is not asked for by name.
    :ivar inst_vers_format_fn: returns what commands are given, of name, operator and version.
    """

    name: str
    version: str = ""
    operator: str = ""
    url: str = ""
    inst_vers_format_fn: Callable[[str, str, str], str] = default_inst_vers_format_fn

    @property
    def has_version(self) -> bool:
        return self.version != ""

    @property
    def inst_vers(self) -> str:
        """What the package manager is given."""
        if self.url:
            return self.url
        return self.inst_vers_format_fn(self.name, self.operator, self.version) if self.version else self.name

    @property
    def lkup_name(self) -> str | list[str]:
        """What is looked for among installed packages: a name, or a name and a version."""
        return [self.name, self.version] if self.version else self.name

    @classmethod
    def from_possible_pair(cls, s: str, join: str | None) -> PkgInfo:
        """Read a name, or a name and a version with ``join`` between them."""
        [package] = wanted(s, join)
        return cls(package.name, package.version or "", (join or "") if package.version else "")

    @classmethod
    def from_pep508(cls, s: str) -> PkgInfo | None:
        """Read a Python requirement with at most one version; a path or URL stands for itself."""
        try:
            found = read_requirement(s)
        except ValueError:
            return cls(s)
        if found.name is None or "," in found.specifier:
            return cls(s)
        if found.has_source:
            return cls(found.name, url=s.partition("@")[2].strip() if "@" in s and "+" not in s else s)
        operator = found.specifier.rstrip("0123456789.*+!abcdefghijklmnopqrstuvwxyz-_")
        return cls(found.name, found.specifier.removeprefix(operator), operator)


def ensure_packages(
    host: Host,
    packages_to_ensure: str | Sequence[str] | Sequence[PkgInfo] | None,
    current_packages: Mapping[str, Any],
    present: bool,
    install_command: Command,
    uninstall_command: Command,
    latest: bool = False,
    upgrade_command: Command | None = None,
    version_join: str | None = None,
    expand_package_fact: Callable[[str], Sequence[Any]] | None = None,
    expand_match_any: bool = False,
) -> Steps:
    """Yield the commands that install or remove packages.

    :param current_packages: installed packages and their versions.
    :param install_command: the packages are added to it, each as one word; the other commands likewise.
    :param upgrade_command: upgrades packages; without it ``latest`` only installs those that are missing.
    :param version_join: what stands between a name and a version, where versions can be asked for.
    :param expand_package_fact: returns the packages that a name stands for; a list among them offers a choice.
    :param expand_match_any: one of them is enough; otherwise all have to be installed.
    """
    installed = {name: _versions(value) for name, value in current_packages.items()}
    described = _described(packages_to_ensure)
    manager = Manager(
        install=_adding(install_command),
        uninstall=_adding(uninstall_command),
        upgrade=_adding(upgrade_command) if upgrade_command is not None else None,
        separator=version_join,
        read=described.__getitem__ if described else None,
        expand=_expander(expand_package_fact, installed, expand_match_any),
    )
    names = list(described) if described else packages_to_ensure
    yield from ensure(
        manager,
        names,  # type: ignore[arg-type]  # those of v3's descriptions were replaced above
        lambda: installed,
        present=present,
        latest=latest and upgrade_command is not None,
    )


def ensure_rpm(state: State, host: Host, source: str, present: bool, package_manager_command: str) -> Steps:
    """Yield what installs the package in a ``.rpm`` file, or removes it.

    :param source: path on the host, or a URL.
    :param package_manager_command: the package manager, with options if it needs any.
    """
    program = words(package_manager_command)
    yield from rpm_file(
        source,
        present,
        lambda file: StringCommand(*map(QuoteString, [*program, "install", "-y", file])),
        lambda name: StringCommand(*map(QuoteString, [*program, "remove", "-y", name])),
    )


def ensure_yum_repo(
    host: Host,
    name_or_url: str,
    baseurl: str | None,
    present: bool,
    description: str | None,
    enabled: bool,
    gpgcheck: bool,
    gpgkey: str | None,
    repo_directory: str = "/etc/yum.repos.d/",
    type_: str | None = None,
) -> Steps:
    """Yield what adds or removes the file of a repository, see ``dnf.repo``."""
    yield from rpm_repository(
        name_or_url,
        present,
        directory=repo_directory.rstrip("/"),
        baseurl=baseurl,
        description=description,
        enabled=enabled,
        gpgcheck=gpgcheck,
        gpgkey=gpgkey,
        kind=type_,
    )


def _adding(command: Command) -> Callable[[Sequence[str]], Renderable]:
    return lambda packages: StringCommand(command, *map(QuoteString, packages))


def _described(packages: Any) -> dict[str, Wanted]:
    """Return packages that v3 describes, by what the package manager is given for them."""
    if isinstance(packages, str) or not packages or not all(isinstance(one, PkgInfo) for one in packages):
        return {}
    return {checked(one.inst_vers): Wanted(one.inst_vers, one.name, one.version or None) for one in packages}


def _expander(
    expand: Callable[[str], Sequence[Any]] | None, installed: Collection[str], match_any: bool
) -> Callable[[str], Sequence[str]] | None:
    if expand is None:
        return None

    def found(name: str) -> Sequence[str]:
        choices = [[one] if isinstance(one, str) else list(one) for one in expand(name)]
        there = [[name for name in choice if name in installed] for choice in choices]
        return [name for names in there for name in names] if match_any or all(there) else []

    return found


def _versions(value: Any) -> Collection[str]:
    """Return versions, from a collection or from v3's description of a package."""
    versions = getattr(value, "installed_versions", value)
    if isinstance(versions, str) or not isinstance(versions, Collection):
        raise OperationTypeError(f"the versions of an installed package are a set of text, not {value!r}")
    return versions
