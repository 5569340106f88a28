"""The output of a command, and where a program is."""

from __future__ import annotations

from typing import ClassVar

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Renderable, Shell, sh


class Command(FactBase["str | None"]):
    """The output of a command; ``None`` if it wrote nothing.

    See sh(1).

    :param command: shell syntax. Give ``sh("cat", path)`` to have values quoted.
    :cvar arbitrary: anybody's command: it gets a shell of its own.

    ::

        host.get_fact(Command, command="cat /sys/class/dmi/id/product_name")
    """

    arbitrary: ClassVar[bool] = True

    def command(self, command: str | Renderable) -> str | Renderable:
        return command


class Which(FactBase["str | None"]):
    """The path of a program, or the name of a shell builtin; ``None`` if there is no such command.

    Asked of the shell: ``command -v``, see sh(1).

    :param command: its name.

    ::

        "/usr/bin/git"
    """

    def command(self, command: str) -> Shell:
        return sh("command", "-v", "--", command, Raw("|| :"))
