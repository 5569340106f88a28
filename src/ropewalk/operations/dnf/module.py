"""dnf.module: streams of modules."""

from __future__ import annotations

import re
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.dnf import DnfDisabledModules, DnfEnabledModules
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationValueError

_NAME = re.compile(r"[A-Za-z0-9_.+][A-Za-z0-9_.+-]*")


@operation()
def module(module: str, stream: str | None = None, enabled: bool = True, **_: Unpack[GlobalArguments]) -> Steps:
    """Enable a stream of a module, or disable the module.

    Another stream that is enabled is reset first; packages that came from it stay as they are.

    :param module: its name.
    :param stream: which stream, for ``enabled``.
    :param enabled: ``False`` disables all streams.
    :raises OperationValueError: names that no module or stream can have, or no stream to enable.

    ::

        dnf.module(name="Use PHP 8.1", module="php", stream="8.1")
    """
    for text in filter(None, (module, stream)):
        if not _NAME.fullmatch(text):
            raise OperationValueError(f"{text!r} is not the name of a module or stream")
    host = current_host.get()
    if not enabled:
        if module in host.get_fact(DnfDisabledModules):
            host.noop(f"the module {module} is disabled")
            return
        yield Change(module, None, "disabled")
        yield sh("dnf", "module", "disable", "-y", module)
        return
    if not stream:
        raise OperationValueError(f"which stream of {module} is to be enabled?", hint="give `stream`")
    have = host.get_fact(DnfEnabledModules).get(module)
    if have == stream:
        host.noop(f"the stream {stream} of {module} is enabled")
        return
    yield Change(module, have, stream)
    if have is not None:
        yield sh("dnf", "module", "reset", "-y", module)
    yield sh("dnf", "module", "enable", "-y", f"{module}:{stream}")
