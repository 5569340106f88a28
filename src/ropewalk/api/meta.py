"""What calling an operation returns: a handle that knows more as the operation goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.model.errors import UnknownUntilApplied
from ropewalk.model.outcome import Outcome, Prediction
from ropewalk.model.past import Key

if TYPE_CHECKING:
    from ropewalk.api.runner import Completed, Runner


class OperationMeta:
    """The result of an operation on one host.

    What an earlier run changed counts as changed for those who could not act on it, as that run ended before.
    In a plan, ``will_change``, ``changed`` and ``did_change()`` answer what is predicted; what cannot be known
    before applying raises ``UnknownUntilApplied``. When the deploy is applied, the operation has ended by the
    time its call returns, and everything can be asked.

    ::

        config = files.template(src="app.conf.j2", dest="/etc/app.conf")
        if config.changed:
            systemd.service(service="app", restarted=True)
    """

    __slots__ = ("__dict__", "_completed", "_max_retries", "_name", "_runner", "key")

    def __init__(self, name: str, runner: Runner | None = None, *, max_retries: int = 0) -> None:
        self._name = name
        self._runner = runner
        self._completed: Completed | None = None
        self._max_retries = max_retries
        #: What the operation is recognised by in other runs; ``None`` where nobody remembers them.
        self.key: Key | None = None

    def complete(self, completed: Completed) -> None:
        """Record how the operation ended; an operation ends once."""
        if self._completed is not None:
            raise RuntimeError(f"{self._name} has ended already")
        self._completed = completed

    @property
    def name(self) -> str:
        return self._name

    @property
    def runner(self) -> Runner | None:
        """What carries the operation out."""
        return self._runner

    @property
    def will_change(self) -> bool:
        """Whether the operation changes something: predicted in a plan, known afterwards.

        Also true where an earlier run changed it, and ended before what asks here was done.
        """
        try:
            changed = self._has_changed()
        except UnknownUntilApplied:
            if self._runner is not None and self._runner.owes(self, None):
                return True
            raise
        return (self._runner is not None and self._runner.owes(self, changed)) or changed

    @property
    def changed(self) -> bool:
        """The same as ``will_change``, in the past tense."""
        return self.will_change

    @property
    def executed(self) -> bool:
        """Whether commands have run."""
        completed = self._looked_up()
        return completed is not None and completed.commands_run > 0

    @property
    def has_ended(self) -> bool:
        """Whether the operation has ended as things stand; unlike ``is_complete``, nothing is waited for."""
        return self._completed is not None

    def is_complete(self) -> bool:
        return self._looked_up() is not None

    def did_change(self) -> bool:
        """Whether the operation ended well and changed something."""
        return self.will_change

    def did_not_change(self) -> bool:
        return not self.did_change()

    def did_succeed(self) -> bool:
        """Whether the operation ended well (nothing to do is well; an ignored failure is not)."""
        return self._ended().outcome in (Outcome.CHANGED, Outcome.OK, Outcome.SKIPPED)

    def did_error(self) -> bool:
        return not self.did_succeed()

    @property
    def stdout_lines(self) -> list[str]:
        """What the commands wrote on standard output, without line ends."""
        return self._ended().stdout()

    @property
    def stderr_lines(self) -> list[str]:
        return self._ended().stderr()

    @property
    def stdout(self) -> str:
        return "\n".join(self.stdout_lines)

    @property
    def stderr(self) -> str:
        return "\n".join(self.stderr_lines)

    @property
    def retry_attempts(self) -> int:
        """How many times the operation was tried again."""
        completed = self._looked_up()
        return completed.attempts - 1 if completed is not None else 0

    @property
    def max_retries(self) -> int:
        return self._max_retries

    @property
    def was_retried(self) -> bool:
        return self.retry_attempts > 0

    @property
    def retry_succeeded(self) -> bool | None:
        """Whether a further try ended well; ``None`` when there was none."""
        return self.did_succeed() if self.was_retried else None

    def get_retry_info(self) -> dict[str, Any]:
        return {
            "retry_attempts": self.retry_attempts,
            "max_retries": self.max_retries,
            "was_retried": self.was_retried,
            "retry_succeeded": self.retry_succeeded,
        }

    def __repr__(self) -> str:
        if self._completed is None:
            return f"OperationMeta({self._name}, not applied)"
        return f"OperationMeta({self._name}, {self._completed.outcome})"

    def _looked_up(self) -> Completed | None:
        """Return how the operation ended; one that was called and is to be carried out with others is, now."""
        if self._completed is None and self._runner is not None:
            self._runner.catch_up()
        return self._completed

    def _ended(self) -> Completed:
        completed = self._looked_up()
        if completed is None:
            raise UnknownUntilApplied(f"the result of {self._name} cannot be known before it is applied")
        return completed

    def _has_changed(self) -> bool:
        if self._completed is not None:
            return self._completed.outcome is Outcome.CHANGED
        return self._predicted() is Prediction.CHANGE

    def _predicted(self) -> Prediction:
        if self._runner is None:
            raise UnknownUntilApplied(f"{self._name} has not been evaluated")
        prediction = self._runner.prediction(self)
        if prediction is Prediction.UNKNOWN:
            raise UnknownUntilApplied(f"whether {self._name} changes anything cannot be known before it is applied")
        return prediction
