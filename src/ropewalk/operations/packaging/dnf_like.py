"""What dnf and yum share: packages, and the upgrade of everything."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial

from ropewalk.api.context import current_host
from ropewalk.facts.rpm import RpmPackages
from ropewalk.facts.rpm_state import DnfPreview, RpmInstalled
from ropewalk.model.command import Change, Renderable, Shell, Steps, sh
from ropewalk.operations.packaging.difference import Installed
from ropewalk.operations.packaging.ensure import Manager, ensure, when
from ropewalk.operations.packaging.names import Packages, Wanted, checked, wanted, words
from ropewalk.operations.packaging.previews import if_anything, previewer, replacing

# Groups (@name), patterns, comparisons, package files and URLs: only dnf knows what they stand for.
_UNCLEAR = re.compile(r"@|.*[*?[<>]|.*\.rpm$|[a-z]+://|\./")
_WITH_VERSION = re.compile(r"([^<>=]+)(<=|>=|[<>=])(.*)")
_assume_no = replacing({"-y": ("--assumeno",)})


def rpm_packages(
    program: str,
    packages: Packages,
    *,
    present: bool,
    latest: bool,
    update: bool,
    clean: bool,
    nobest: bool,
    extra_install_args: str | None,
    extra_uninstall_args: str | None,
) -> Steps:
    """Yield what ``dnf.packages`` and ``yum.packages`` do."""
    texts = wanted(packages, read=read_rpm)
    best = ("--nobest",) if nobest else ()
    have = partial(installed_rpms, texts)
    manager = Manager(
        partial(_act, program, "install", (*best, *words(extra_install_args))),
        partial(_act, program, "remove", tuple(words(extra_uninstall_args))),
        partial(_act, program, "update", ()),
        read=read_rpm,
        fits=rpm_fits,
        preview=dnf_preview(have),
        is_clear=is_clear_rpm,
    )
    before = [*when(clean, iter([sh(program, "clean", "all")])), *when(update, upgrade_all(program))]
    yield from ensure(manager, packages, have, present=present, latest=latest, before=before)


def upgrade_all(program: str) -> Steps:
    """Yield the upgrade of all packages, unless there is nothing to upgrade."""
    command = sh(program, "update", "-y")
    changes = dnf_preview(lambda: current_host.get().get_fact(RpmPackages))(command)
    yield from if_anything(changes, command, "there is nothing to upgrade")


def dnf_preview(have: Callable[[], Installed]) -> Callable[[Renderable], list[Change] | None]:
    """Return a function that tells what a command of dnf or yum would change."""
    return previewer(DnfPreview, _assume_no, have)


def read_rpm(text: str) -> Wanted:
    """Read ``name``, ``name=version`` or ``name>=version``, and write them as dnf and yum do.

    >>> read_rpm("vim=9.0").text, read_rpm("vim>=9.0").text
    ('vim-9.0', 'vim >= 9.0')
    """
    found = _WITH_VERSION.fullmatch(checked(text))
    if not found or "://" in text:
        return Wanted(text, text)
    name, sign, version = found.groups()
    if sign != "=":
        compared = f"{name} {sign} {version}"
        return Wanted(compared, compared)
    checked(version)
    return Wanted(f"{name}-{version}", name, version)


def rpm_fits(installed: str, version: str) -> bool:
    """Say whether a version with its release is the one asked for, which may leave out the release.

    >>> rpm_fits("2.4.57-5.el9", "2.4.57"), rpm_fits("2.4.57-5.el9", "1:2.4.*"), rpm_fits("2.4-1", "2.4-2")
    (True, True, False)
    """
    wanted = version.partition(":")[2] or version
    return fnmatchcase(installed, wanted) or fnmatchcase(installed.rpartition("-")[0], wanted)


def is_clear_rpm(package: Wanted) -> bool:
    """Say whether rpm can tell if a package is installed."""
    return _UNCLEAR.match(package.name) is None


def installed_rpms(packages: Sequence[Wanted]) -> Mapping[str, set[str]]:
    """Return the installed packages, and under what else they are asked for: files, capabilities, ``name.arch``."""
    host = current_host.get()
    have = dict(host.get_fact(RpmPackages))
    others = [package.name for package in packages if is_clear_rpm(package) and package.name not in have]
    found = host.get_fact(RpmInstalled, packages=others) if others else {}
    for text, providers in found.items():
        have[text] = set().union(*providers.values())
    return have


def _act(program: str, action: str, options: tuple[str, ...], names: Sequence[str]) -> Shell:
    return sh(program, action, "-y", *options, *names)
