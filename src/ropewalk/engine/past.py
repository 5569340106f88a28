"""What earlier runs left, on one host in one pass: operations that are done, changes that something waits for.

A change is owed to whatever asked for it and has not been done since: an operation whose ``_if`` asked, or the body of
an ``if`` statement of the deploy that did. When a run ends before that, the next one answers ``did_change()`` with yes
until it has been done, although there is nothing to change any more.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import TYPE_CHECKING

from ropewalk.engine.failure import is_ours
from ropewalk.engine.identity import Keys, content_of, digest
from ropewalk.engine.source import source_of
from ropewalk.model.event import CommandResult, Noted
from ropewalk.model.outcome import Outcome, Skip
from ropewalk.model.past import Key, Past

if TYPE_CHECKING:
    from ropewalk.api.meta import OperationMeta
    from ropewalk.engine.call import OperationCall
    from ropewalk.engine.emit import Emitter


#: What makes code behind the body of an ``if`` statement depend on its condition.
_REACH_FURTHER = (
    ast.Assign, ast.AugAssign, ast.AnnAssign, ast.NamedExpr, ast.Delete, ast.Return, ast.Continue, ast.Break, ast.Raise,
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
)  # fmt: skip


@dataclass(eq=False)
class Asked:
    """An ``if`` statement of the deploy that asked whether an operation changed something.

    :ivar lines: its body; ``None`` where the answer is used in another way: then nobody knows what depends on it.
    :ivar holds_calls: an operation was called in the body.
    :ivar left_before: the number of the call that was the first behind the body.
    """

    key: Key
    to: str
    code: CodeType
    lines: tuple[int, int] | None
    holds_calls: bool = False
    left_before: int | None = None
    failed: bool = False


@dataclass
class HostPast:
    """Gives operations their keys, answers for earlier runs, and notes what is done.

    :param applying: whether operations are carried out; a plan notes nothing.
    """

    past: Past
    host: str
    emit: Emitter
    applying: bool
    why: dict[str, str] = field(default_factory=dict)
    _keys: Keys = field(default_factory=Keys)
    _asks: dict[str, dict[str, Key]] = field(default_factory=dict)
    _open: list[Asked] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)
    _count: int = 0
    _ended: int = 0

    def enter(self, call: OperationCall) -> None:
        """An operation is called: give it its key, where there is any use for it."""
        if not (self.applying or self.past.remembers(self.host)):
            return
        key = self._keys.of(call, self.emit.mask(call.info.name))
        call.meta.key = key
        self.past.known(self.host, key)
        if call.parent is None:
            self._count += 1
            self._numbers[key.exact] = self._count
            if self._open:
                self._leave_bodies(self._count)

    def done(self, call: OperationCall) -> str | None:
        """Return the run in which an operation was done already, if this one resumes it."""
        key = call.meta.key
        if key is None:
            return None
        content = functools.partial(content_of, call)
        return self.past.done(self.host, key, content, anywhere=bool(call.arguments["_run_once"]))

    def asked(self, meta: OperationMeta, changed: bool | None, asking: OperationCall | None) -> bool:
        """Somebody asks whether an operation changed something; say whether an earlier run owes them a yes.

        :param changed: what is true in this run; ``None`` where that is not known yet.
        :param asking: the operation whose condition or callback asks; ``None``: code of the deploy.
        """
        key = meta.key
        if key is None or not (changed or self.past.owed(self.host, key)):
            return False
        if asking is not None and asking.meta.key is not None:
            to, site = asking.meta.key.exact, None
        else:
            site = _site(key)
            to = site.to if site is not None else ""
        run = self.past.owed(self.host, key, to)
        if self.applying and (changed or run is not None):
            self._register(key, to, site)
        if run is not None and not changed:
            self._tell(meta, run, to if site is None else key.exact)
        return run is not None

    def ended(self, call: OperationCall, outcome: Outcome, skip: Skip | None, results: Sequence[CommandResult]) -> None:
        """An operation has ended: note it, before the next one begins."""
        key = call.meta.key
        if key is None:
            return
        # What failed in the middle may be as wanted in the next run, which then sees no change.
        changed = outcome is Outcome.CHANGED or any(result.ok or result.exit_code is None for result in results)
        self.past.ended(self.host, call.info.id, key, functools.partial(content_of, call), outcome, skip, changed)
        went_well = outcome.succeeded
        waited = self._asks.pop(key.exact, {})
        if went_well:
            for asked_about in waited.values():
                self.past.paid(self.host, asked_about, key.exact)
        if not (went_well or outcome is Outcome.SKIPPED):
            self._mark_failed(key)
        if call.parent is None:
            self._ended = max(self._ended, self._numbers.pop(key.exact, 0))
            self._pay_left()

    def why_of(self, call: OperationCall) -> str | None:
        """Return what an earlier run has to do with an operation that runs, or that another one waits for."""
        return self.why.get(call.meta.key.exact) if call.meta.key is not None else None

    # -- what waits for a change ------------------------------------------------------------------------

    def _register(self, key: Key, to: str, site: Asked | None) -> None:
        if not to:
            return
        if site is None:
            self._asks.setdefault(to, {})[key.exact] = key
        elif site.lines is not None:
            self._open.append(site)

    def _leave_bodies(self, number: int) -> None:
        """A call is made: it shows which bodies of ``if`` statements are over."""
        lines: dict[CodeType, set[int]] = {}
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if not is_ours(frame.f_code.co_filename):
                lines.setdefault(frame.f_code, set()).add(frame.f_lineno)
            frame = frame.f_back
        for asked in self._open:
            if asked.left_before is None and asked.lines is not None:
                first, last = asked.lines
                if any(first <= line <= last for line in lines.get(asked.code, ())):
                    asked.holds_calls = True
                else:
                    asked.left_before = number
        self._pay_left()

    def _mark_failed(self, key: Key) -> None:
        number = self._numbers.get(key.exact, 0)
        for asked in self._open:
            if asked.left_before is None or number < asked.left_before:
                asked.failed = True

    def _pay_left(self) -> None:
        """What stood in a body that is over has been done, once all calls before the one behind it have ended."""
        for asked in [asked for asked in self._open if asked.left_before is not None]:
            if asked.left_before is not None and self._ended >= asked.left_before - 1:
                self._open.remove(asked)
                if asked.holds_calls and not asked.failed:
                    self.past.paid(self.host, asked.key, asked.to)

    def _tell(self, meta: OperationMeta, run: str, about: str) -> None:
        text = f"{self.emit.mask(meta.name)} changed in run {run}, and what depends on it has not run"
        if about not in self.why:
            self.why[about] = text
            self.emit(Noted("info", text, self.host))


def _site(key: Key) -> Asked | None:
    """Return the ``if`` statement of the deploy that is asking."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return None
    file = source_of(frame.f_code)
    body = file.body(frame.f_code) if file is not None else None
    found = _if_at(body or [], frame.f_lineno)
    name = frame.f_code.co_name
    if found is None:
        return Asked(key, digest(name, "elsewhere"), frame.f_code, None)
    lines = (found.body[0].lineno, found.body[-1].end_lineno or found.body[-1].lineno)
    return Asked(key, digest(name, ast.unparse(found.test)), frame.f_code, lines if _is_all(found) else None)


def _is_all(asking: ast.If) -> bool:
    """Whether the body of an ``if`` statement is all that depends on its condition.

    It is not where an answer of no has consequences too, nor where the body sets something, or leaves: then what stands
    behind it depends on the answer as well.
    """
    return not asking.orelse and not any(
        isinstance(node, _REACH_FURTHER) for statement in asking.body for node in ast.walk(statement)
    )


def _if_at(body: list[ast.stmt], line: int) -> ast.If | None:
    """Return the innermost ``if`` whose condition stands on a line."""
    fitting = [
        node
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.If) and node.test.lineno <= line <= (node.test.end_lineno or node.test.lineno)
    ]
    return fitting[-1] if fitting else None
