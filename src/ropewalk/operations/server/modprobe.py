"""server.modprobe"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk import host
from ropewalk.api.operation import operation
from ropewalk.facts.server import KernelModules
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.operations.names import check_word


@operation()
def modprobe(
    module: str | Sequence[str], present: bool = True, force: bool = False, **_: Unpack[GlobalArguments]
) -> Steps:
    """Load or unload kernel modules, until the host restarts.

    :param module: one module or several; `-` and `_` are the same in their names.
    :param present: whether they should be loaded.
    :param force: load or unload even if versions differ, or the module is in use (modprobe(8), `--force`).
    :raises OperationValueError: a name is empty or has white space in it.

    ::

        server.modprobe(name="Filter bridged traffic", module="br_netfilter")
    """
    wanted = [module] if isinstance(module, str) else list(module)
    for name in wanted:
        check_word("a kernel module", name)
    loaded = {name.replace("-", "_") for name in host.get_fact(KernelModules)}
    changing = [name for name in wanted if (name.replace("-", "_") in loaded) is not present]
    if changing:
        options = [*(["-f"] if force else []), *([] if present else ["-r"])]
        yield sh("modprobe", *options, "-a", "--", *changing)
    else:
        host.noop(f"{', '.join(wanted)}: {'loaded' if present else 'not loaded'}")
