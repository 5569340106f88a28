"""Whether an operation is tried again."""

from __future__ import annotations

import asyncio
from typing import Any

from ropewalk.engine import bridge
from ropewalk.engine.attempt import Attempt
from ropewalk.engine.call import OperationCall
from ropewalk.engine.failure import failure_of
from ropewalk.model.event import Failure


async def should_retry(call: OperationCall, attempt: Attempt, *, last: bool) -> str | None:
    """Return why the operation is tried again, or ``None``.

    An operation that ended well is tried again while ``_retry_until`` returns true. When no try is left and it
    still does, or when it raises, the operation has failed.
    """
    if attempt.failure is not None:
        return None if last else attempt.failure.message
    until = call.arguments["_retry_until"]
    if until is None or attempt.skip is not None:
        return None
    try:
        again = await bridge.call(lambda: bool(until(_data(call, attempt))))
    except BaseException as error:
        if isinstance(error, asyncio.CancelledError) and bridge.is_being_cancelled():
            raise
        failure = failure_of(error, where=call.info.where)
        attempt.failure = Failure(failure.kind, f"_retry_until raised {failure.message}", where=failure.where,
                                  traceback=failure.traceback)  # fmt: skip
        return None
    if again and last:
        attempt.failure = Failure(
            "RetriesExhausted", f"_retry_until still holds after {1 + call.arguments['_retries']} tries",
            where=call.info.where,
        )  # fmt: skip
    return "_retry_until holds" if again and not last else None


def _data(call: OperationCall, attempt: Attempt) -> dict[str, Any]:
    return {
        "stdout_lines": attempt.outputs.stdout_lines(),
        "stderr_lines": attempt.outputs.stderr_lines(),
        "commands": attempt.commands,
        "executed_commands": len(attempt.results),
        "host": attempt.runner.host.name,
        "operation": call.info.name,
    }
