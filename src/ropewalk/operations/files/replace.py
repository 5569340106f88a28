from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps
from ropewalk.model.errors import OperationTypeError
from ropewalk.operations.files import edits, regex


@operation()
def replace(
    path: str,
    text: str | None = None,
    replace: str | None = None,
    flags: Sequence[str] | None = None,
    backup: bool | str = False,
    interpolate_variables: bool = False,
    extended_regex: bool = False,
    match: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    r"""Replace what a regular expression matches in a file, as sed's ``s`` command does.

    Nothing is to do when sed would leave the file as it is. An expression that matches its own replacement
    (``a`` by ``aa``) changes the file each time; anchor it.

    :param path: the file.
    :param text: a regular expression of sed.
    :param replace: the new text. ``&`` stands for itself, ``\1`` for the first group of ``text``.
    :param flags: flags of sed's ``s`` command: without ``"g"``, the first match in each line; ``"I"`` ignores case.
    :param backup: keep the old file under its name and the time; text is used in place of the time.
    :param interpolate_variables: let the host's shell expand ``$variables`` in both.
    :param extended_regex: an extended expression, as with ``sed -E``: ``+``, ``?``, ``(a|b)``.
    :param match: the older name of ``text``.
    :raises OperationTypeError: ``text`` or ``replace`` is missing.

    ::

        files.replace(path="/etc/default/app", text="^WORKERS=.*", replace="WORKERS=4")
    """
    pattern = match if text is None else text
    if pattern is None or replace is None:
        raise OperationTypeError("files.replace needs both `text` and `replace`")
    editor = edits.Editor(path, backup, interpolate_variables, extended_regex)
    script = regex.substitute_script(pattern, replace, flags, variables=interpolate_variables)
    if editor.changes(script) is False:
        current_host.get().noop(f"{path} has nothing to replace")
        return
    yield Change("text", pattern, replace)
    yield from editor.run(script)
