"""Crontabs of users: crontab(1), crontab(5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NotRequired, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh

#: The comment that names the job on the line after it.
NAME_MARK = "# pyinfra-name="

_ENVIRONMENT = re.compile(r"\s*([\"']?)[A-Za-z_]\w*\1\s*=")
_TIMES = ("minute", "hour", "day_of_month", "month", "day_of_week")
# That there is no crontab is said in words of their own by cron, cronie and the BSDs, and by BusyBox.
_READ = Raw(
    '; { said=$(LC_ALL=C crontab "$@" -l 2>&1 >&3); } 3>&1 || case $said in '
    '*"no crontab for "*|*"can\'t open "*": No such file or directory"*) ;; '
    '*) printf "%s\\n" "$said" >&2; exit 1;; esac'
)


class CrontabDict(TypedDict):
    """A job (``command`` with times or ``special_time``) or a variable (``env``), and the comments above it."""

    command: NotRequired[str]
    env: NotRequired[str]
    minute: NotRequired[int | str]
    hour: NotRequired[int | str]
    month: NotRequired[int | str]
    day_of_month: NotRequired[int | str]
    day_of_week: NotRequired[int | str]
    special_time: NotRequired[str]
    comments: list[str]


class CrontabFile:
    """A crontab: its jobs and variables in order.

    :ivar commands: all of them, as :class:`CrontabDict`.
    """

    def __init__(self, input_dict: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Make a crontab, of the jobs that a mapping from commands describes."""
        self.commands: list[CrontabDict] = []
        for command, job in (input_dict or {}).items():
            self.add_item(CrontabDict(**{"command": command, "comments": [], **job}))  # type: ignore[typeddict-item]

    def add_item(self, item: CrontabDict) -> None:
        """Add a job or variable at the end."""
        self.commands.append(item)

    def get_command(self, command: str | None = None, name: str | None = None) -> CrontabDict | None:
        """Return the job of a command, or the one that a comment above it names."""
        for item in self.commands:
            if command is not None and item.get("command") == command:
                return item
            if name is not None and "command" in item and f"{NAME_MARK}{name}" in item["comments"]:
                return item
        return None

    def get_env(self, env: str) -> CrontabDict | None:
        """Return the variable of a name, or of a whole line ``NAME=value``."""
        for item in self.commands:
            if "env" in item and env in (item["env"], item["env"].partition("=")[0].strip()):
                return item
        return None

    def get(self, item: str) -> CrontabDict | None:
        """Return the job or variable that a command, a name or a variable stands for."""
        return self.get_command(command=item) or self.get_command(name=item) or self.get_env(item)

    def items(self) -> dict[str, CrontabDict]:
        """Return jobs by their commands, variables by their lines."""
        return {item.get("command") or item.get("env") or "": item for item in self.commands}

    def format_item(self, item: CrontabDict) -> str:
        """Return the lines of one job or variable, with the comments above it."""
        if "env" in item:
            line = item["env"]
        elif "special_time" in item:
            line = f"{item['special_time']} {item.get('command', '')}"
        else:
            line = " ".join(str(item.get(time, "*")) for time in (*_TIMES, "command"))
        return "\n".join([*item["comments"], line])

    def to_json(self) -> list[CrontabDict]:
        return self.commands

    def __str__(self) -> str:
        return "\n".join(map(self.format_item, self.commands))

    def __repr__(self) -> str:
        return f"CrontabFile({self.commands!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CrontabFile) and self.commands == other.commands

    __hash__ = None  # type: ignore[assignment]


class Crontab(FactBase[CrontabFile]):
    """The crontab of a user; an empty one if there is none.

    ::

        host.get_fact(Crontab, user="www-data").get_command(name="clean up")
        {"command": "/srv/app/clean", "minute": 0, "hour": 4, "day_of_month": "*", "month": "*", "day_of_week": "*",
         "comments": ["# pyinfra-name=clean up"]}

    :param user: whose; by default that of the user that commands run as.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "crontab"

    def command(self, user: str | None = None) -> Shell:
        return sh("set", "--", *(["-u", user] if user else []), _READ)

    def process(self, output: list[str]) -> CrontabFile:
        return parse(output)

    @staticmethod
    def default() -> CrontabFile:
        return CrontabFile()


class CrontabLines(FactBase[list[str]]):
    """The lines of a user's crontab as they are; ``[]`` if there is none.

    :param user: see :class:`Crontab`.
    """

    def command(self, user: str | None = None) -> Shell:
        return Crontab().command(user)

    def process(self, output: list[str]) -> list[str]:
        return output

    @staticmethod
    def default() -> list[str]:
        return []


def parse(lines: Iterable[str]) -> CrontabFile:
    """Read a crontab; lines that are nothing are passed over."""
    crontab, comments = CrontabFile(), list[str]()
    for line in lines:
        if line.lstrip().startswith("#"):
            comments.append(line.strip())
        elif item := parse_line(line):
            crontab.add_item(CrontabDict(**{**item, "comments": comments}))
            comments = []
    return crontab


def parse_line(line: str) -> CrontabDict | None:
    """Read one line of a crontab; ``None`` if it is neither a job nor a variable.

    >>> parse_line("@daily run it")
    {'special_time': '@daily', 'command': 'run it', 'comments': []}
    """
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    if _ENVIRONMENT.match(text):
        return CrontabDict(env=text, comments=[])
    words = text.split(None, 1 if text.startswith("@") else len(_TIMES))
    if text.startswith("@"):
        return CrontabDict(special_time=words[0], command=words[1], comments=[]) if len(words) == 2 else None
    if len(words) <= len(_TIMES):
        return None
    times = {time: int(word) if word.isdecimal() else word for time, word in zip(_TIMES, words, strict=False)}
    return CrontabDict(**{"command": words[-1], **times, "comments": []})  # type: ignore[typeddict-item]
