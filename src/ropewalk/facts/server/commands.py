"""The output of a command, and where a program is."""

from __future__ import annotations

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Renderable, Shell, sh


class Command(FactBase["str | None"]):
    """The output of a command; ``None`` if it wrote nothing.

    :param command: shell syntax. Give ``sh("cat", path)`` to have values quoted.
    """

    def command(self, command: str | Renderable) -> str | Renderable:
        return command


class Which(FactBase["str | None"]):
    """The path of a program, or the name of a shell builtin; ``None`` if there is no such command.

    :param command: its name.
    """

    def command(self, command: str) -> Shell:
        return sh("command", "-v", "--", command, Raw("|| :"))
