"""What an operation did on one host, for the page: the same for all hosts that it did the same on."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from ropewalk.model.command import Change, Diff
from ropewalk.model.event import CommandResult, Failure, OperationEnded, OperationPlanned
from ropewalk.report.failures import is_foreign, of_the_users_code, summary
from ropewalk.report.html.texts import Texts
from ropewalk.report.text import change

#: Files with more lines are compared line by line only at their beginning.
MOST_LINES = 5000

Detail = dict[str, Any]


class Details:
    """Numbers details; equal ones have the same number. Texts in them are numbers of :class:`Texts`."""

    def __init__(self) -> None:
        self.texts = Texts()
        self._numbers: dict[str, int] = {}
        self.every: list[Detail] = []
        self._diffs: dict[Diff, str] = {}

    def of_ended(self, ended: OperationEnded, retries: Sequence[str]) -> int:
        """Return the number of what an operation did."""
        wrong = ended.failure is not None
        made = self._explained(ended.reason, ended.changes, ended.diffs, ended.failure)
        if ended.commands:
            made["commands"] = [self._command(command, wrong) for command in ended.commands]
        if ended.attempts > 1:
            made["attempts"] = ended.attempts
        if retries:
            made["retries"] = [self.texts.number(reason, important=wrong) for reason in retries]
        if ended.skip is not None:
            made["skip"] = ended.skip.value
        return self._number(made)

    def of_planned(self, planned: OperationPlanned, *, not_run: bool = False) -> int:
        """Return the number of what an operation would do.

        :param not_run: it was to be done, and was not.
        """
        made = self._explained(planned.reason, planned.changes, planned.diffs, planned.failure)
        if planned.commands:
            important = planned.failure is not None
            made["planned"] = [self.texts.number(command, important=important) for command in planned.commands]
        if planned.conditional:
            made["conditional"] = True
        if not_run:
            made["not_run"] = True
        return self._number(made)

    def _explained(
        self, reason: str | None, changes: Sequence[Change], diffs: Sequence[Diff], failure: Failure | None
    ) -> Detail:
        number, made, wrong = self.texts.number, Detail(), failure is not None
        if reason:
            made["reason"] = number(reason, important=wrong)
        if changes:
            made["changes"] = [number(change(entry), important=wrong) for entry in changes]
        if diffs:
            made["diffs"] = [[number(diff.path), number(self._diff(diff))] for diff in diffs]
        if failure is not None:
            made["failure"] = self.failure(failure)
        return made

    def failure(self, failure: Failure) -> Detail:
        """Return what is told of a failure."""
        number = self.texts.number
        made: Detail = {"message": number(summary(failure), important=True)}
        if failure.hint:
            made["hint"] = number(failure.hint, important=True)
        if failure.where is not None:
            made["where"] = number(str(failure.where), important=True)
        if failure.traceback and is_foreign(failure):
            made["traceback"] = number(of_the_users_code(failure.traceback), important=True)
        if failure.caused_by_nested:
            made["nested"] = True
        return made

    def _command(self, command: CommandResult, wrong: bool) -> list[Any]:
        number = self.texts.number
        said = [number(text, important=wrong) if text else -1 for text in (command.stdout, command.stderr)]
        error = number(command.error, important=wrong) if command.error else -1
        return [number(command.command, important=wrong), command.exit_code, int(command.ok), *said, error]

    def _diff(self, diff: Diff) -> str:
        if diff not in self._diffs:
            self._diffs[diff] = unified(diff)
        return self._diffs[diff]

    def _number(self, made: Detail) -> int:
        key = repr(made)
        if key not in self._numbers:
            self._numbers[key] = len(self.every)
            self.every.append(made)
        return self._numbers[key]


def unified(diff: Diff) -> str:
    """Return a difference in the unified format; that of long files only for their first lines."""
    before, after = _lines(diff.before), _lines(diff.after)
    cut = max(len(before), len(after)) > MOST_LINES
    old = "/dev/null" if diff.before is None else diff.path
    new = "/dev/null" if diff.after is None else diff.path
    lines = list(difflib.unified_diff(before[:MOST_LINES], after[:MOST_LINES], old, new, lineterm="", n=3))
    note = [f"[only the first {MOST_LINES} lines were compared]"] if cut else []
    return "\n".join([*lines, *note])


def _lines(text: str | None) -> list[str]:
    if not text:
        return []
    lines = text.split("\n")
    return lines[:-1] if not lines[-1] else [*lines[:-1], f"{lines[-1]}\n\\ No newline at end of file"]
