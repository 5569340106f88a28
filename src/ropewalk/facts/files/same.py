"""Whether two paths of a host are the same file."""

from __future__ import annotations

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.shell.paths import path_word


class SameFile(FactBase[bool]):
    """Whether two paths lead to one and the same file: the same inode, by hard or symbolic links.

    ::

        host.get_fact(SameFile, path="/etc/mtab", other="/proc/mounts")
    """

    def command(self, path: str, other: str) -> Shell:
        # -ef is not in POSIX, but in every shell that is in use: dash, bash, busybox, ksh, zsh.
        test = sh(Raw("["), path_word(path), Raw("-ef"), path_word(other), Raw("]"))
        return sh(Raw(f"if {test.render()}; then echo yes; else echo no; fi"))

    def process(self, output: list[str]) -> bool:
        return output == ["yes"]
