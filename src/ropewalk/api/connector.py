"""What a connector must be able to do, and nothing about what it is used for.

A connector reaches one target and opens processes on it. Escalation, environment, framing, retries, file
transfer and facts are all built on ``open`` by the engine: a connector knows nothing of them.

A complete connector::

    class PodConnector:
        scheme = "pod"

        def __init__(self, target: Target, options: ConnectorOptions) -> None:
            self.name = str(target.data["pod_name"])

        @classmethod
        def targets(cls, address: str | None) -> Iterable[Target]:
            yield Target(f"@pod/{address}", {"pod_name": address}, groups=("@pod",))

        async def connect(self) -> None:
            ...

        async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
            options = ["-i", "-t"] if pty else ["-i"]
            return await spawn(["kubectl", "exec", *options, self.name, "--", *argv], pty=pty)

        async def close(self) -> None:
            ...

``spawn`` is ``ropewalk.connectors.process.spawn``. What else every connector promises is a suite of tests,
``ropewalk.testing.connector_contract``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

from ropewalk.model.errors import HostError
from ropewalk.model.target import Target


class Stream(Protocol):
    """A process on the target, as three pipes and an end.

    ``stdout`` and ``stderr`` return the next chunk, ``b""`` at the end, and raise ``ConnectionLost`` when the
    connection under them is gone. Both must be read concurrently with ``write``. With a terminal everything
    arrives on ``stdout``.

    A stream may have one method more, ``async def finish()``: close the input and let the process end by itself,
    without waiting for it. Without that method, its end is waited for.
    """

    async def write(self, data: bytes) -> None:
        """Send bytes to the process's standard input; waits while the pipe is full.

        A process that has closed its input swallows what is written: that is not an error of the stream.
        """

    async def write_eof(self) -> None:
        """Close the process's standard input."""

    async def stdout(self) -> bytes: ...

    async def stderr(self) -> bytes: ...

    async def wait(self) -> int:
        """Wait for the process to end and return its exit status; death by signal N is 128+N."""

    async def close(self) -> None:
        """Let go of the process at once: close all pipes; end it where the connector can."""


@dataclass(frozen=True, slots=True)
class ConnectorOptions:
    """What the run lends to every connector.

    :param connect_timeout: seconds a connection may take.
    :param ask_secret: asks the user for a secret, given a prompt; returns ``None`` where nobody can be asked.
    :param limiter: an asynchronous context manager held during a handshake, which bounds how many run at once.
    :param settings: options from the command line that are meant for connectors, such as ``ssh_backend``.
    :param base: where the connector's own programs run, if it has any; ``None`` is this machine. In
        ``@ssh/bastion/@docker/web`` the ``docker`` of ``@docker`` runs on ``@ssh/bastion``.
    """

    connect_timeout: float = 10.0
    ask_secret: Callable[[str], Any] | None = None
    limiter: Any = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    base: Connector | None = None


@runtime_checkable
class Connector(Protocol):
    """Reaches one target. ``targets`` says which targets an inventory address (``@scheme/address``) stands for.

    A connector may have one method more, ``async def keep() -> str | None``: called before ``close`` when operations
    were applied and none failed. It makes what was done last (an image, a snapshot) and says what to tell the user.

    It may have an attribute ``beside``: a connector to where its processes can be seen and ended, by the numbers that
    they have themselves. That is for targets that may be without ``/proc``.
    """

    scheme: ClassVar[str]

    def __init__(self, target: Target, options: ConnectorOptions) -> None: ...

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the targets of ``@scheme/address``; ``address`` is ``None`` for a bare ``@scheme``."""

    async def connect(self) -> None:
        """Reach the target; raises ``ConnectError`` (or a subclass) when that cannot be done."""

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
        """Start a process on the target.

        :param argv: the program and its arguments; they arrive exactly as given.
        :param pty: give it a terminal.
        :raises ConnectionLost: the connection is gone.
        """

    async def close(self) -> None:
        """Let go of the target. May be called more than once, and after a failed ``connect``."""


@contextmanager
def translate(errors: Mapping[type[BaseException], type[HostError]], prefix: str = "") -> Iterator[None]:
    """Turn a library's exceptions into ours, once, where they enter."""
    try:
        yield
    except tuple(errors) as error:
        ours = next(ours for theirs, ours in errors.items() if isinstance(error, theirs))
        raise ours(f"{prefix}{error or type(error).__name__}") from error
