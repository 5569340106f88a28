"""server.script_template"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

from ropewalk.api.operation import operation
from ropewalk.model.command import Steps
from ropewalk.operations.server.scripts import run_script


@operation(is_idempotent=False, idempotent_notice="The script runs every time; add an `_if` to decide when.")
def script_template(src: str | IO[Any], args: str | Iterable[object] = (), **data: Any) -> Steps:
    """Render a template of this machine and run it on the host as a script.

    :param src: the template (Jinja): the name of a file on this machine, or an object that can be read.
    :param args: arguments for the script; each stays one word, whatever is in it.
    :param data: variables for the template, besides `host`, `state` and `inventory`.
    :raises OperationError: there is no such file, or it cannot be rendered.

    The script is removed from the host when it has ended, also when it fails.

    ::

        server.script_template(name="Join the cluster", src="templates/join.sh.j2", cluster="blue")
    """
    from ropewalk.operations.files.templates import render  # jinja2 takes its time to import

    yield from run_script(render(src, data), args)
