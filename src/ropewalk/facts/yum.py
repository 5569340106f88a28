"""Repositories of yum, see yum.conf(5)."""

from __future__ import annotations

from ropewalk.facts.repositories import RepositoriesBase


class YumRepositories(RepositoriesBase):
    """The repositories of yum; see :class:`~ropewalk.facts.repositories.RepositoriesBase`."""

    program = "yum"
    files = ("/etc/yum.conf", "/etc/yum.repos.d/*.repo")
