"""``ropewalk --support``: what a report of a problem should say about this machine."""

from __future__ import annotations

import platform
import re
import sys
from importlib import metadata

from ropewalk import __version__
from ropewalk.model.version import API_LEVEL


def lines() -> list[str]:
    """Return versions and platform, one a line."""
    needed = metadata.requires("ropewalk") or []
    names = sorted({re.split(r"[^\w.-]", requirement)[0] for requirement in needed if "extra ==" not in requirement})
    return [
        f"ropewalk: {__version__} (pyinfra's interface: {API_LEVEL})",
        f"Python: {platform.python_version()} ({platform.python_implementation()}, {platform.python_compiler()})",
        f"Executable: {sys.executable}",
        f"System: {platform.platform()}",
        *(f"{name}: {_version(name)}" for name in names),
    ]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
