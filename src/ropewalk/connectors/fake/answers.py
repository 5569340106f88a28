"""What fake hosts answer: which command gets which output, status and delay."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from ropewalk.model.errors import ConnectorDataTypeError
from ropewalk.model.record import record

#: What marks a pattern as a regular expression.
REGEX = "re:"


@record
class Answer:
    """What a command does on a fake host.

    :param output: what it writes; in a list, numbers are seconds between the pieces.
    :param stderr: what it writes to standard error.
    :param status: its exit status.
    :param delay: seconds until it ends; ``float("inf")`` for one that never does.
    :param lose: the connection is lost meanwhile.
    :param after: it answers so only when a command with this pattern has run before.
    """

    output: str | bytes | Sequence[str | bytes | float] = ""
    stderr: str | bytes = ""
    status: int = 0
    delay: float = 0.0
    lose: bool = False
    after: str | re.Pattern[str] | None = None


#: How an answer may be written: its output, its status, its parts by name, or several to be given in turn.
Given = Answer | str | bytes | int | Mapping[str, Any] | Sequence[Any]
#: Answers by pattern, or a function that returns one for a command, and ``None`` for those it does not know.
Script = Mapping[Any, Given] | Callable[[str], "Given | None"]

_PARTS = tuple(part.name for part in fields(Answer))


def matches(pattern: str | re.Pattern[str], command: str) -> bool:
    """Say whether a command is meant: it contains the text, or the regular expression is found in it.

    >>> matches("is-active nginx", "systemctl is-active nginx"), matches("re:^apt.* install", "apt-get -y install x")
    (True, True)
    """
    if isinstance(pattern, re.Pattern):
        return pattern.search(command) is not None
    if pattern.startswith(REGEX):
        return re.search(pattern.removeprefix(REGEX), command) is not None
    return pattern in command


def answer(given: Any) -> Answer:
    """Return the answer that somebody has written down.

    :raises ConnectorDataTypeError: it is none.

    >>> answer({"output": "inactive", "status": 3}).status, answer("Linux").output, answer(4).status
    (3, 'Linux', 4)
    """
    match given:
        case Answer():
            return given
        case str() | bytes():
            return Answer(output=given)
        case int() if not isinstance(given, bool):
            return Answer(status=given)
        case Mapping() if set(given) <= set(_PARTS):
            return _valid(Answer(**given))
    hint = f"write its output, its exit status, or a mapping of some of {', '.join(_PARTS)}"
    raise ConnectorDataTypeError(f"fake_answers: {given!r} is not an answer", hint=hint)


def _valid(made: Answer) -> Answer:
    try:
        pieces(made.output)
        text_of(made.stderr)
        if made.after is not None:
            matches(made.after, "")
        well = float(made.delay) >= 0 and int(made.status) == made.status
    except (TypeError, ValueError, AttributeError, re.error) as error:
        raise ConnectorDataTypeError(f"fake_answers: {made} is not an answer: {error}") from None
    if not well:
        raise ConnectorDataTypeError(f"fake_answers: {made}: delay and status are numbers that are not negative")
    return made


def pieces(output: str | bytes | Sequence[str | bytes | float]) -> list[bytes | float]:
    """Return what is written, piece by piece, with the seconds between."""
    parts = [output] if isinstance(output, str | bytes) else output
    return [text_of(part) if isinstance(part, str | bytes) else float(part) for part in parts]


def text_of(text: str | bytes) -> bytes:
    """Return text as it is written."""
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text


def checked(script: Any) -> Script:
    """Return a script that makes sense.

    :raises ConnectorDataTypeError: something in it is no pattern, or no answer.
    """
    if callable(script):
        known: Script = script
        return known
    if not isinstance(script, Mapping):
        hint = 'write {"systemctl is-active nginx": {"output": "inactive", "status": 3}}'
        raise ConnectorDataTypeError(f"fake_answers must be a mapping, not {script!r}", hint=hint)
    for pattern, given in script.items():
        if not isinstance(pattern, str | re.Pattern):
            raise ConnectorDataTypeError(f"fake_answers: {pattern!r} is not a pattern: write text, or re:REGEX")
        try:
            matches(pattern, "")
        except re.error as error:
            raise ConnectorDataTypeError(f"fake_answers: {pattern}: {error}") from None
        answers = _in_turn(given)
        if not answers:
            raise ConnectorDataTypeError(f"fake_answers: {pattern}: there is no answer in {given!r}")
        for one in answers:
            answer(one)
    return script


@dataclass
class Answers:
    """The script of one host. The first pattern that fits a command answers it.

    :param script: see :data:`Script`.
    :param otherwise: the answer to commands that nothing else answers.
    """

    script: Script = field(default_factory=dict)
    otherwise: Answer = field(default_factory=Answer)
    _turns: dict[Any, int] = field(default_factory=dict)

    def of(self, command: str, ran: Callable[[str | re.Pattern[str]], bool]) -> Answer | None:
        """Return the answer to a command, if the script has one.

        :param ran: says whether a command with a pattern has run before.
        """
        if callable(self.script):
            given = self.script(command)
            return None if given is None else answer(given)
        for pattern, given in self.script.items():
            if matches(pattern, command) and (found := self._turn(pattern, given, ran)) is not None:
                return found
        return None

    def _turn(self, pattern: Any, given: Given, ran: Callable[[str | re.Pattern[str]], bool]) -> Answer | None:
        """Return whose turn it is among the answers to a pattern: the last one stays."""
        possible = [made for one in _in_turn(given) if (made := answer(one)).after is None or ran(made.after)]
        waited = [made for made in possible if made.after is not None]
        if waited:
            return waited[-1]
        if not possible:
            return None
        turn = self._turns.get(pattern, 0)
        self._turns[pattern] = turn + 1
        return possible[min(turn, len(possible) - 1)]


def _in_turn(given: Given) -> list[Any]:
    return list(given) if isinstance(given, list | tuple) else [given]
