"""What facts about Docker have in common: the tool, its JSON, and what it says about things that do not exist."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ropewalk.api.fact import FactBase
from ropewalk.facts.known_failures import allowing
from ropewalk.model.command import Raw, Shell, sh


class DockerFactBase(FactBase[Any]):
    """What the command line tool of Docker tells, as JSON."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "docker"

    def process(self, output: list[str]) -> Any:
        return json.loads("\n".join(output))


class DockerListFactBase(DockerFactBase):
    """All things of one kind."""

    #: The subcommand for these things.
    kind: ClassVar[str]
    #: The words that list their names.
    names: ClassVar[tuple[str, ...]]

    def command(self) -> Shell:
        # One that goes away in between is not there.
        inspect = unless_gone(self.kind, sh("docker", self.kind, "inspect", Raw("$ids")))
        return sh(Raw("ids=$("), "docker", *self.names, Raw(") || exit; if [ -z \"$ids\" ]; then echo '[]'; else"),
                  *inspect.words, Raw("; fi"))  # fmt: skip

    def process(self, output: list[str]) -> list[dict[str, Any]]:
        things: list[dict[str, Any]] = super().process(output)
        return things


class DockerSingleMixin(DockerFactBase):
    """One thing, in a list; the list is empty where there is no such thing.

    :param object_id: its name or ID.
    """

    #: The subcommand for such things.
    docker_type: ClassVar[str] = "object"

    def command(self, object_id: str) -> Shell:
        words = ("inspect",) if self.docker_type == "object" else (self.docker_type, "inspect")
        return unless_gone(self.docker_type, sh("docker", *words, "--", object_id))

    def process(self, output: list[str]) -> list[dict[str, Any]]:
        things: list[dict[str, Any]] = super().process(output)
        return things


class DockerLinesFactBase(DockerFactBase):
    """A list that the tool writes as one JSON object a line."""

    def process(self, output: list[str]) -> list[dict[str, Any]]:
        return [json.loads(line) for line in output if line.strip()]


#: The name of this class in v3.
_DockerJsonLinesFactBase = DockerLinesFactBase


def unless_gone(kind: str, command: Shell, *signs: str) -> Shell:
    """Return a command that succeeds if a thing of a kind does not exist.

    The tool and the daemon have several ways of saying so: ``No such network: x``, ``network x not found``.

    :param signs: patterns of further answers that are no failure.
    """
    return allowing(command, f"*'o such {kind}'*", f"*'{kind}'*' not found'*", f"*'{kind} not known'*", *signs)
