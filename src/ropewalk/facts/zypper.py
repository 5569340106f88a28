"""Repositories of zypper.

Files: zypper(8).
"""

from __future__ import annotations

from ropewalk.facts.repositories import RepositoriesBase


class ZypperRepositories(RepositoriesBase):
    """The repositories of zypper: what their sections say, their ids (``repoid``) and files (``filename``)."""

    program = "zypper"
    files = ("/etc/zypp/repos.d/*.repo",)
