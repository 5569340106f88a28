"""server.reboot"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.host import Host
from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Call, Raw, Steps, sh
from ropewalk.model.errors import ConnectError, OperationError, OperationValueError

# Something that differs after every start: Linux has a random number for it (random(4)), the BSDs and macOS the time
# of the start.
_BOOT = "cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.boottime"

# The command has to end, and its end has to reach us, before the connection goes.
_REBOOT = (
    "command -v reboot >/dev/null || { echo 'there is no reboot command' >&2; exit 127; }; "
    "nohup sh -c 'sleep 2; reboot' </dev/null >/dev/null 2>&1 &"
)


@operation(is_idempotent=False, idempotent_notice="The host restarts every time; add an `_if` to decide when.")
def reboot(delay: float = 10, interval: float = 1, reboot_timeout: float = 300, **_: Unpack[GlobalArguments]) -> Steps:
    """Restart the host and wait until it is back.

    :param delay: seconds before the first attempt to connect again.
    :param interval: seconds between attempts.
    :param reboot_timeout: seconds, after `delay`, in which the host must be back.
    :raises OperationValueError: one of these is negative.
    :raises OperationError: the host is not back in time, or does not tell when it was started.

    The operation has succeeded when the host answers and has really started anew.

    ::

        server.reboot(name="Start the new kernel", reboot_timeout=600, _if=upgraded.did_change)
    """
    for name, value in (("delay", delay), ("interval", interval), ("reboot_timeout", reboot_timeout)):
        if value < 0:
            raise OperationValueError(f"server.reboot: {name} must not be negative, but is {value}")
    restart = Restart(current_host.get(), delay, interval, reboot_timeout)
    yield Call(restart.remember)
    yield sh(Raw(_REBOOT))
    yield Call(restart.wait_until_back)


@dataclass
class Restart:
    """One restart of one host: which start it had, and whether it has had another since.

    :param clock: seconds, never going back.
    :param sleep: waits some seconds; both are called in a thread of the host's own.
    """

    host: Host
    delay: float
    interval: float
    timeout: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    boot: str = ""

    def remember(self) -> None:
        self.boot = self._read_boot()

    def wait_until_back(self) -> None:
        """Return when the host has started again.

        :raises OperationError: it was not back in time, or never went away.
        """
        self.sleep(self.delay)
        until = self.clock() + self.timeout
        reason = self._try_to_connect()
        while reason is not None:
            if self.clock() >= until:
                raise OperationError(
                    f"{self.host.name} is not back after {self.delay + self.timeout:g} seconds: {reason}",
                    hint="look at its console; or give it more time with `reboot_timeout`",
                )
            self.sleep(self.interval)
            reason = self._try_to_connect()

    def _try_to_connect(self) -> str | None:
        """Return why the host is not back, or ``None`` when it is."""
        try:
            self.host.disconnect()
            self.host.connect(raise_exceptions=True)
            boot = self._read_boot()
        except (ConnectError, OperationError) as error:
            return str(error)
        return "it has not restarted" if boot == self.boot else None

    def _read_boot(self) -> str:
        ok, output = self.host.run_shell_command(_BOOT)
        boot = output.stdout.strip()
        if not ok or not boot:
            raise OperationError(f"cannot tell when {self.host.name} was started: {output.stderr.strip()}")
        return boot
