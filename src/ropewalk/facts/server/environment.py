"""The surroundings of the user that commands run as, and the keys that let users in."""

from __future__ import annotations

import re

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, Word
from ropewalk.model.errors import FactValueError
from ropewalk.shell.paths import path_word

# What may follow an unquoted tilde: nothing in it means anything to a shell.
_USER_NAME = re.compile(r"[a-zA-Z0-9._][a-zA-Z0-9._-]*")


def home_of(user: str) -> str:
    """Return shell syntax for a user's home directory; without a name, that of the user who runs the command.

    :raises FactValueError: the name has characters that a shell would not take for a name.
    """
    if user and not _USER_NAME.fullmatch(user):
        raise FactValueError(f"{user!r} cannot be the name of a user whose home directory is looked up")
    return f"~{user}"


class User(FactBase[str]):
    """The user that commands run as; its number where it has no name.

    See id(1).

    ::

        "ann"
    """

    def command(self) -> str:
        # Not $USER: su and containers leave another user's name there, or nothing.
        return "id -un 2>/dev/null || id -u"

    def process(self, output: list[str]) -> str:
        return output[-1]


class Home(FactBase["str | None"]):
    """A user's home directory; ``None`` if there is no such user.

    Asked of the shell: ``~user``, see sh(1).

    :param user: its name; by default the user that commands run as.
    :raises FactValueError: that cannot be the name of a user.

    ::

        "/home/ann"
    """

    def command(self, user: str = "") -> str:
        return f"printf '%s\\n' {home_of(user)}"

    def process(self, output: list[str]) -> str | None:
        # A shell leaves the tilde where it is when it knows no such user.
        return None if output[0].startswith("~") else "\n".join(output)


class Path(FactBase[str]):
    """Where programs are looked for: the value of ``$PATH``.

    See environ(7).

    ::

        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    """

    def command(self) -> str:
        return "printf '%s\\n' \"$PATH\""


class TmpDir(FactBase[str]):
    """The first of ``$TMPDIR``, ``$TMP`` and ``$TEMP`` that is a directory that can be written to, else ``""``.

    See environ(7).
    """

    def command(self) -> str:
        return (
            'for d in "$TMPDIR" "$TMP" "$TEMP" ""; do '
            'if [ -z "$d" ] || ! [ -d "$d" ] || ! [ -w "$d" ]; then continue; fi; break; done; printf "%s\\n" "$d"'
        )


class AuthorizedKeys(FactBase[list[str]]):
    """The lines of a user's authorized_keys file that are keys; ``[]`` if there is no such file.

    The format is that of sshd(8), AUTHORIZED_KEYS FILE FORMAT.

    :param user: the name of the user.
    :param path: path of the file, if it is not ``.ssh/authorized_keys`` in the user's home directory.
    :raises FactValueError: that cannot be the name of a user.
    """

    def command(self, user: str, path: str | None = None) -> Shell:
        where: Word = path_word(path) if path else Raw(f"{home_of(user)}/.ssh/authorized_keys")
        return if_present(where, Raw('cat "$1"'))

    def process(self, output: list[str]) -> list[str]:
        lines = (line.strip() for line in output)
        return [line for line in lines if line and not line.startswith("#")]

    @staticmethod
    def default() -> list[str]:
        return []
