"""Makes one thing of all that an operation may yield: v3's spellings, plain text, our own values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import GeneratorType
from typing import Any

from ropewalk.model.command import Call, Change, Diff, Download, Renderable, Rsync, Secret, Upload, UploadTree
from ropewalk.model.errors import OperationError
from ropewalk.model.v3command import MaskString, StringCommand

Normal = Renderable | Change | Diff | Upload | UploadTree | Download | Call | Rsync

_KNOWN = (Change, Diff, Upload, UploadTree, Download, Call, Rsync)


def normal(step: Any, of: str) -> Normal:
    """Return what a yielded value means.

    :raises OperationError: it means nothing.
    """
    if isinstance(step, Secret | MaskString):
        return StringCommand(step)
    if isinstance(step, str):
        return StringCommand(step.strip())
    if isinstance(step, _KNOWN):
        return step
    if isinstance(step, Renderable):
        return step
    if hasattr(step, "step"):
        return step.step()  # type: ignore[no-any-return]
    what = "None" if step is None else f"{type(step).__name__} ({step!r:.80})"
    raise OperationError(
        f"{of} yielded {what}, which is not a command", hint="yield text, sh(...), Upload(...) or Call"
    )


def steps_of(made: Any, of: str) -> Iterator[Any]:
    """Return an iterator over what an operation's function returned.

    :raises OperationError: it returned something that holds no steps.
    """
    if type(made) is GeneratorType:
        return made
    if made is None:
        return iter(())
    if isinstance(made, Iterable) and not isinstance(made, str | bytes | Mapping):
        return iter(made)
    raise OperationError(f"{of} returned {type(made).__name__}, not steps", hint="operations yield their commands")


def arguments_of(step: Any) -> Mapping[str, Any]:
    """Return the connector arguments that a command brings along."""
    return getattr(step, "arguments", None) or {}
