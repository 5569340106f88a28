"""Requirements of Python packages, as PEP 508 and pip write them, read and compared with what is installed.

Operations use this for packages on hosts; ``requirements.py`` is about what ropewalk itself needs. Both leave the
details to ``packaging``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

# Where the name of a package stands in a URL that is not a requirement: git+https://host/repo#egg=name
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)")
_SOURCE = re.compile(r"[a-z][a-z0-9+.-]*://|\.{0,2}/|~/|git\+|\.+$|[^ ]+\.(whl|zip|tar\.(gz|bz2|xz))$", re.IGNORECASE)
_COMMENT = re.compile(r"(^|\s)#.*$")


@dataclass(frozen=True, slots=True)
class PythonRequirement:
    """One package that is asked for.

    :ivar name: in its normal form (PEP 503); ``None`` when a path or URL does not tell it.
    :ivar specifier: which versions will do, such as ``>=1.2,<2``; empty: all.
    :ivar has_source: whether a path or URL is given to install it from.
    """

    name: str | None
    specifier: str = ""
    has_source: bool = False


def normal_name(name: str) -> str:
    """Return the name under which Python packages are the same.

    >>> normal_name("Zope.Interface")
    'zope-interface'
    """
    return canonicalize_name(name)


def read_requirement(text: str) -> PythonRequirement:
    """Read one requirement.

    :raises ValueError: it is none.

    >>> read_requirement("Flask[async]>=2,<4")
    PythonRequirement(name='flask', specifier='<4,>=2', has_source=False)
    >>> read_requirement("git+https://example.org/a.git#egg=a")
    PythonRequirement(name='a', specifier='', has_source=True)
    """
    if _SOURCE.match(text):
        egg = _EGG.search(text)
        return PythonRequirement(normal_name(egg[1]) if egg else None, "", True)
    try:
        found = Requirement(text)
    except InvalidRequirement as error:
        raise ValueError(f"{text!r} is not a requirement: {str(error).splitlines()[0]}") from None
    return PythonRequirement(normal_name(found.name), str(found.specifier), found.url is not None)


def fits(version: str, specifier: str) -> bool:
    """Say whether an installed version is one of those asked for; pre-releases are, once they are installed.

    >>> fits("1.2.post1", ">=1.2,<2"), fits("2.0", "<2")
    (True, False)
    """
    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):  # versions of old packages need not follow PEP 440
        return specifier == f"=={version}"


def read_requirements_file(lines: Iterable[str]) -> list[PythonRequirement] | None:
    """Read a requirements file; ``None`` if it has more than requirements: other files, URLs or paths.

    Options that only say where packages come from are passed over, as are hashes and comments. Requirements with an
    environment marker count as more: only the host knows whether they apply.
    """
    found: list[PythonRequirement] = []
    for line in "\n".join(lines).replace("\\\n", " ").split("\n"):
        text = re.split(r"\s--hash", _COMMENT.sub("", line).strip())[0].strip()
        if not text or re.match(r"--?(i|f|index-url|extra-index-url|find-links|no-index|pre|trusted-host)\b", text):
            continue
        try:
            requirement = None if ";" in text else read_requirement(text)
        except ValueError:
            requirement = None
        if requirement is None or requirement.has_source:
            return None
        found.append(requirement)
    return found
