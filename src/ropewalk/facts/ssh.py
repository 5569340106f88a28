"""Keys of SSH servers: those that a user of the host knows, and those that a server offers."""

from __future__ import annotations

from collections.abc import Iterable

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh

#: The file in which a user's ssh(1) keeps the keys of servers.
KNOWN_HOSTS = Raw("~/.ssh/known_hosts")


class KnownKeys(FactBase[set[str]]):
    """The keys by which the user's ``known_hosts`` knows a server: ``{"ssh-ed25519 AAAA..."}``.

    Names that are hashed, or patterns, count too; keys of authorities, and those that are revoked, do not.

    :param hostname: name or address of the server.
    :param port: its port.
    """

    def command(self, hostname: str, port: int = 22) -> Shell:
        find = ("ssh-keygen", "-F", server_name(hostname, port), "-f", KNOWN_HOSTS)
        return sh(Raw("if [ -e"), KNOWN_HOSTS, Raw("]; then"), *find, Raw("|| [ $? -eq 1 ]; fi"))

    def process(self, output: list[str]) -> set[str]:
        return keys_of(line for line in output if not line.startswith("@"))

    @staticmethod
    def default() -> set[str]:
        return set()


class OfferedHostKeys(FactBase[list[str]]):
    """The keys that a server offers, as lines for ``known_hosts``; ``[]`` if nobody answers.

    :param hostname: name or address of the server.
    :param port: its port.
    """

    def command(self, hostname: str, port: int = 22) -> Shell:
        return sh("ssh-keyscan", "-p", str(port), "--", hostname, Raw("2>/dev/null || :"))

    def process(self, output: list[str]) -> list[str]:
        return sorted(line for line in output if line.strip() and not line.startswith("#"))

    @staticmethod
    def default() -> list[str]:
        return []


def server_name(hostname: str, port: int) -> str:
    """Return what ``known_hosts`` calls a server, sshd(8).

    >>> server_name("a.example", 22), server_name("a.example", 2222)
    ('a.example', '[a.example]:2222')
    """
    return hostname if port == 22 else f"[{hostname}]:{port}"


def keys_of(lines: Iterable[str]) -> set[str]:
    """Return the types and keys of lines of ``known_hosts``."""
    return {" ".join(line.split()[1:3]) for line in lines if not line.startswith("#") and len(line.split()) >= 3}
