"""Operations whose calls have returned before they were carried out, so that many share one round trip.

A call may only be put off where nobody can tell: no other host waits, the code between this call and the next
can do nothing but call operations (``purity.py``), no handler stands ready for its failure. Whatever could tell
(a fact, a result, a callback, the end of the program) has them carried out first. On hosts that share files with the
machine that runs the deploy, what reads such a file waits for nothing either: a command before it may write the file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ropewalk.engine import guess
from ropewalk.engine.call import OperationCall
from ropewalk.engine.links import shares_files
from ropewalk.engine.purity import calls_only_operations

if TYPE_CHECKING:
    from ropewalk.engine.apply import ApplyRunner

#: How many operations wait at most.
MOST = 100

#: Arguments that make an operation a matter of several hosts.
_SHARED = ("_run_once", "_serial", "_parallel")


class Ahead:
    """The operations of one host that wait to be carried out together.

    :param allowed: whether any may wait: no other host may be waiting for this one.
    """

    def __init__(self, runner: ApplyRunner, *, allowed: bool) -> None:
        self._runner, self._allowed = runner, allowed
        self._waiting: deque[OperationCall] = deque()
        self._guesses: dict[int, guess.Guess] = {}
        self._busy = False
        self._shares_files = shares_files(runner.host)

    @property
    def behind(self) -> bool:
        """Whether something waits that nobody is carrying out yet."""
        return bool(self._waiting) and not self._busy

    @property
    def waits(self) -> bool:
        """Whether something waits, or is being carried out with others."""
        return bool(self._waiting)

    def put(self, call: OperationCall) -> bool:
        """Let an operation wait, if nobody can tell that its call returns before it is carried out."""
        if not (
            self._allowed
            and call.parent is None
            and len(self._waiting) < MOST
            and not any(call.arguments[name] for name in _SHARED)
            and calls_only_operations()
        ):
            return False
        made = guess.guess(call, self._runner, files=self._files_stay(self._guesses.values()))
        if made is None:  # it may call back into the deploy, for one
            return False
        self._guesses[id(call)] = made
        self._waiting.append(call)
        return True

    async def carry_out(self) -> None:
        """Carry out everything that waits, in order.

        :raises OperationFailed: one failed; those behind it were not carried out, as if they had not been called.
        """
        runner, self._busy = self._runner, True
        differed: OperationCall | None = None  # its facts had changed, and were learnt anew
        try:
            while self._waiting:
                first = self._waiting[0]
                step = await runner.schedule.turn(runner.host, first.position)
                async with step.slots(first.info.id, 0):
                    runner.shared.check_going_on()
                    done = await runner.in_one_message(self._guessed())
                    for _ in range(done):
                        self._waiting.popleft()
                    self._guesses.clear()  # what is left rests on facts that have changed
                    if not done and (not runner.learnt or first is differed):  # a fact may differ at each look
                        await runner.step_by_step(self._waiting.popleft())
                    differed = self._waiting[0] if self._waiting and runner.learnt else None
        finally:
            self._busy = False
            self._waiting.clear()
            self._guesses.clear()

    def _guessed(self) -> list[guess.Guess]:
        """Work out what waits, as far as that can be done."""
        guesses: list[guess.Guess] = []
        for call in self._waiting:
            made = self._guesses.get(id(call))
            made = made or guess.guess(call, self._runner, files=self._files_stay(guesses))
            if made is None:
                break
            guesses.append(made)
        return guesses

    def _files_stay(self, before: Iterable[guess.Guess]) -> bool:
        """Say whether files of the machine that runs the deploy stay as they are while these are carried out."""
        return not (self._shares_files and any(made.commands for made in before))
