"""Repositories of yum, see yum.conf(5)."""

from __future__ import annotations

from ropewalk.facts.repositories import RepositoriesBase


class YumRepositories(RepositoriesBase):
    """The repositories of yum: what their sections say, their ids (``repoid``) and files (``filename``)."""

    program = "yum"
    files = ("/etc/yum.conf", "/etc/yum.repos.d/*.repo")
