"""Checks what a config requires: versions, and packages installed beside ropewalk.

Requirements are written as in PEP 508, files of them as pip reads them
(https://pip.pypa.io/en/stable/reference/requirements-file-format/). The one place that uses ``packaging``.
"""

from __future__ import annotations

import functools
import importlib.metadata
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from ropewalk import __version__
from ropewalk.api.context import current_state
from ropewalk.model.errors import ConfigError
from ropewalk.model.version import API_LEVEL

_VERSIONS = {
    "REQUIRE_PYINFRA_VERSION": ("pyinfra's API level", API_LEVEL),
    "REQUIRE_ROPEWALK_VERSION": ("ropewalk's version", __version__),
}


def check(required: Mapping[str, Any]) -> None:
    """Check the ``REQUIRE_...`` keys of a config; empty values require nothing.

    :param required: ``REQUIRE_PYINFRA_VERSION``, ``REQUIRE_ROPEWALK_VERSION``: version specifiers (PEP 440);
        ``REQUIRE_PACKAGES``: a list of requirements, or the name of a requirements file, which is relative to the
        working directory. Names among other keys are ignored.
    :raises ConfigError: something is not there; all of it is named in the one message.

    >>> check({"REQUIRE_PYINFRA_VERSION": "~=3.0", "REQUIRE_PACKAGES": ["pyinfra>=3"]})
    """
    unmet = [text for key in _VERSIONS if required.get(key) for text in _unmet_version(key, required[key])]
    packages = required.get("REQUIRE_PACKAGES")
    if packages:
        unmet += _unmet_packages(_file(packages) if isinstance(packages, str) else tuple(map(str, packages)))
    if unmet:
        raise ConfigError(
            "requirements are not met: " + "; ".join(unmet), hint="install what is missing, and try again"
        )


def _unmet_version(key: str, specifier: str) -> Iterator[str]:
    what, version = _VERSIONS[key]
    try:
        if not SpecifierSet(specifier).contains(version, prereleases=True):
            yield f"{what} is {version}, but config.{key} is {specifier}"
    except InvalidSpecifier as error:
        raise ConfigError(
            f"config.{key} is not a version specifier: {specifier!r}", hint='write it as in ">=3,<4"'
        ) from error


@functools.lru_cache(maxsize=64)
def _unmet_packages(requirements: tuple[str, ...]) -> list[str]:
    """Return what is missing of some packages and of all they depend on.

    Cached: a deploy file that requires something says so again for every host.
    """
    unmet: list[str] = []
    seen: set[str] = set()
    waiting = [(_parse(text), "") for text in requirements]
    while waiting:
        requirement, needed_by = waiting.pop(0)
        if str(requirement) in seen or not _applies(requirement, frozenset()):
            continue
        seen.add(str(requirement))
        version, depends = _installed(requirement)
        if version is None:
            unmet.append(f"{requirement} is not installed{needed_by}")
        elif not _satisfies(version, requirement.specifier):
            unmet.append(f"{requirement.name} is {version}, but {requirement} is required{needed_by}")
        else:
            waiting += [(needed, f" (needed by {requirement.name})") for needed in depends]
    return unmet


def _installed(requirement: Requirement) -> tuple[str | None, list[Requirement]]:
    """Return the installed version of a package, and what it depends on given the extras that are asked for."""
    if canonicalize_name(requirement.name) == "pyinfra":
        return API_LEVEL, []  # ropewalk provides it
    try:
        distribution = importlib.metadata.distribution(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return None, []
    extras = frozenset(requirement.extras)
    kept = [needed for needed in _dependencies(distribution) if _applies(needed, extras)]
    for needed in kept:
        needed.marker = None  # it has been evaluated, with extras that are not known later
    return distribution.version, kept


def _dependencies(distribution: importlib.metadata.Distribution) -> Iterator[Requirement]:
    for text in distribution.requires or ():
        try:
            yield Requirement(text)
        except InvalidRequirement:
            continue  # old packages write what no tool reads any more; that is not this deploy's problem


def _satisfies(version: str, specifier: SpecifierSet) -> bool:
    try:
        return specifier.contains(version, prereleases=True)
    except InvalidVersion:
        return not specifier


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""})


def _parse(text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        raise ConfigError(
            f"this is not a requirement: {text!r}", hint='write it as in "requests>=2,<3" or "requests[socks]"'
        ) from error


def _file(name: str) -> tuple[str, ...]:
    state = current_state.get(None)
    base = Path(state.cwd) if state is not None and state.cwd else Path()
    return tuple(_requirements_in(base / name, ()))


def _requirements_in(path: Path, including: Sequence[Path]) -> Iterator[str]:
    """Yield the requirements of a file and of the files it includes (``-r``)."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ConfigError(
            f"the requirements file {path} cannot be read: {error.strerror}",
            hint="config.REQUIRE_PACKAGES is a list of requirements, or the name of a file of them",
        ) from error
    for number, line in _logical_lines(text):
        entry = re.sub(r"(^|\s)#(?!egg=).*$", "", line).strip()
        include = re.match(r"(?:-r|--requirement)[\s=]*(.+)$", entry)
        if include and path not in including:
            yield from _requirements_in(path.parent / include[1], (*including, path))
        elif entry and not include:
            yield from _requirement_of(entry, f"{path}:{number}")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines with the number they begin at; a backslash at the end of a line continues it."""
    started, whole = 1, ""
    for number, line in enumerate(text.splitlines(), start=1):
        started = started if whole else number
        whole += line.removesuffix("\\")
        if not line.endswith("\\"):
            yield started, whole
            whole = ""
    if whole:
        yield started, whole


def _requirement_of(entry: str, where: str) -> Iterator[str]:
    named = re.search(r"#egg=([A-Za-z0-9._\[\],-]+)", entry)
    if named:
        yield named[1]
    elif re.match(r"(-e|--editable)\b|[./]|[a-z+]+://", entry):
        raise ConfigError(f"{entry!r} does not say which package it is", hint="add #egg=NAME", where=where)
    elif not entry.startswith("-"):  # other options, such as --index-url, name no package
        requirement = re.split(r"\s--", entry)[0]  # --hash and the like
        try:
            yield str(_parse(requirement))
        except ConfigError as error:
            error.where = where
            raise
