"""runit.wait_runsv"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Shell, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.services import check_name


@operation(is_idempotent=False, idempotent_notice="It waits, if only for a moment, every time.")
def wait_runsv(
    service: str, svdir: str = "/var/service", timeout: int = 10, **_: Unpack[GlobalArguments]
) -> Steps:  # fmt: skip
    """Wait until runit supervises a service that was linked, whether the service runs or not.

    :param service: the service's name.
    :param svdir: the directory of supervised services.
    :param timeout: seconds to wait before the operation fails.
    :raises OperationValueError: a name that no service can have, or ``timeout`` is not a number of seconds.

    ::

        runit.wait_runsv(name="Wait for the supervision of the app", service="app")
    """
    check_name(service)
    yield waiting(service, svdir, timeout)


def waiting(service: str, svdir: str, timeout: int) -> Shell:
    """Return the command that waits for the supervision of a service."""
    if isinstance(timeout, bool) or not isinstance(timeout, int) or timeout < 0:
        raise OperationValueError(f"{timeout!r} is not a number of seconds")
    return sh(
        "set", "--", service, str(timeout), svdir,
        Raw('; SVDIR=$3; export SVDIR; i=0; until said=$(sv status "$1" 2>&1); do '
            'if [ "$i" -ge "$2" ]; then echo "not supervised after $2 s: $said" >&2; exit 1; fi; '
            'i=$((i+1)); sleep 1; done'),
    )  # fmt: skip
