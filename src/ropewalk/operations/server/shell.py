from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Renderable, Secret, Steps
from ropewalk.model.errors import OperationTypeError


@operation(is_idempotent=False, idempotent_notice="The commands run every time; add an `_if` to decide when.")
def shell(
    commands: str | Secret | Renderable | Sequence[str | Secret | Renderable], **_: Unpack[GlobalArguments]
) -> Steps:
    """Run shell commands.

    :param commands: one command or several; they run in order until one fails, each in a shell of its own. A ``Secret``
        is run and not shown, neither in a plan nor as the command that failed; what it writes is shown.
    :raises OperationTypeError: ``commands`` is neither text nor a list of text.

    ::

        server.shell(
            name="Rebuild the search index",
            commands=["cd /srv/app && ./manage reindex", "systemctl reload app"],
        )
    """
    if isinstance(commands, str | Secret | Renderable):
        commands = [commands]
    if not isinstance(commands, Iterable) or isinstance(commands, bytes):
        raise OperationTypeError(f"server.shell: commands must be text or a list of text, not {commands!r}")
    yield from commands
