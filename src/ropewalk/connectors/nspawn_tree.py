"""A directory for which systemd-nspawn runs one machine that does nothing, until its input ends.

So it ends with us, however we end: with it go its processes and everything that was mounted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ropewalk.api.connector import Connector, Stream
from ropewalk.connectors import client
from ropewalk.model.errors import ConnectError, ConnectionLost

#: Seconds that a machine may take to start, and to end.
PATIENCE = 30.0

#: What to do about missing rights.
ROOT = "it takes root's rights: run ropewalk as root, or through @ssh/root@localhost/@nspawn/..."

_READY = b"ropewalk-ready"
#: The most bytes of what it says that are kept.
_MOST = 64 * 1024

# Where systemd runs, it is told of a scope, and tidies up. Elsewhere systemd-nspawn makes groups below our own.
_RUN = """
keep=--keep-unit; [ ! -d /run/systemd/system ] || keep=
exec 3<&0
systemd-nspawn --quiet --register=no $keep --as-pid2 --console=pipe --link-journal=no --timezone=off \
    --resolv-conf=bind-host "$@" /bin/sh -c 'echo ropewalk-ready; while read -r line; do :; done' <&3 3<&- &
exec 3<&-
echo "machine $!"
wait $!
status=$?
[ -z "$keep" ] || while IFS=: read -r number kind group; do
    case $kind in name=systemd|"") ;; *) continue ;; esac
    for tree in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
        rmdir "$tree$group/payload" "$tree$group/supervisor" 2>/dev/null
    done
done </proc/self/cgroup
exit $status
"""

# Of what systemd-nspawn has started, the machine's first process is number 1 in a namespace of its own.
_LEADER = """
for child in $(cat "/proc/$1/task/$1/children"); do
    while read -r key numbers; do
        case $key:$numbers in NSpid:*[[:space:]]1) echo "$child"; exit 0 ;; esac
    done <"/proc/$child/status"
done
echo "it has no first process" >&2
exit 1
"""


class Tree:
    """The machine of one directory.

    :param base: where the directory is.
    :param options: further options of systemd-nspawn.
    """

    def __init__(self, base: Connector, directory: str, options: Sequence[str]) -> None:
        self._base, self._directory, self._options = base, directory, list(options)
        self._stream: Stream | None = None
        self._end: asyncio.Task[int] | None = None
        self._reading: list[asyncio.Task[None]] = []
        self._out, self._err = bytearray(), bytearray()
        self._ready = asyncio.Event()

    @property
    def ended(self) -> bool:
        return self._end is None or self._end.done()

    async def start(self) -> str:
        """Start it, and return the number of its first process as its host counts.

        :raises ConnectError: that cannot be done.
        """
        words = ["sh", "-c", _RUN, "sh", f"--directory={self._directory}", *self._options]
        self._stream = stream = await self._base.open(words)
        self._end = asyncio.ensure_future(stream.wait())
        self._end.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._reading = [
            asyncio.ensure_future(self._read(stream.stdout, self._out)),
            asyncio.ensure_future(self._read(stream.stderr, self._err)),
        ]
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ready.wait()
                if _READY not in self._out:
                    await asyncio.gather(*self._reading, return_exceptions=True)
        except TimeoutError:
            raise ConnectError(f"{self._directory}: systemd-nspawn does not start within {PATIENCE:g} s") from None
        if _READY not in self._out:
            raise ConnectError(f"cannot start a machine of {self._directory}: {self._said()}", hint=self._hint())
        number = self._out.partition(b"machine ")[2].split()[0].decode()
        ran = await client.run(self._base, ["sh", "-c", _LEADER, "sh", number])
        if ran.status:
            raise ConnectError(f"cannot find the machine of {self._directory}: {ran.message}")
        return ran.stdout.strip()

    async def close(self) -> None:
        """End it, and with it all that runs in it. May be called more than once."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await stream.write_eof()
                await stream.wait()
        except (TimeoutError, ConnectionLost):
            pass  # its input has ended in any case
        finally:
            await stream.close()
            for task in (*self._reading, *([self._end] if self._end else [])):
                task.cancel()
            await asyncio.gather(*self._reading, return_exceptions=True)

    async def _read(self, read: Callable[[], Awaitable[bytes]], into: bytearray) -> None:
        try:
            while chunk := await read():
                into.extend(chunk[: _MOST - len(into)])
                if _READY in self._out:
                    self._ready.set()
        except ConnectionLost:
            pass
        finally:
            self._ready.set()

    def _said(self) -> str:
        """Return what systemd-nspawn or the shell has said last of what went wrong."""
        lines = bytes(self._err).decode(errors="replace").strip().splitlines()
        told = [line.strip() for line in lines if "propagate" not in line]  # of a directory of its own, while it ends
        return told[-1] if told else "no reason given"

    def _hint(self) -> str | None:
        said = self._said()
        if "not found" in said and "systemd-nspawn" in said:
            return "install systemd-nspawn (Debian: systemd-container)"
        if "busy" in said:
            return "a machine of that directory runs already: name it, or end it"
        if "superuser" in said or "ermi" in said:
            return (
                "systemd-nspawn takes root's rights: run ropewalk as root, or through @ssh/root@localhost/@nspawn/..."
            )
        return "name a directory that holds a root file system, with /bin/sh in it"
