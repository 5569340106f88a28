"""Repositories of zypper.

Files: zypper(8).
"""

from __future__ import annotations

from ropewalk.facts.repositories import RepositoriesBase


class ZypperRepositories(RepositoriesBase):
    """The repositories of zypper; see :class:`~ropewalk.facts.repositories.RepositoriesBase`."""

    program = "zypper"
    files = ("/etc/zypp/repos.d/*.repo",)
