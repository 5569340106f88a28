"""Every error ropewalk raises, what it means for the run, and how the process exits.

::

    RopewalkError (also pyinfra's PyinfraError)
    +-- UsageError                        nothing was touched                            exit 2
    |   +-- InventoryError                 NoHostError, NoGroupError, NoConnectorError
    |   +-- ArgumentTypeError, OperationTypeError, ConnectorDataTypeError, ConfigError, LoadError
    +-- DeployError                       raised by deploy code: that host
    +-- HostError                         one host; becomes a value at the host's border
    |   +-- ConnectError                   unreachable: AuthenticationFailed, HostKeyRejected, ConnectionLost
    |   +-- EscalationFailed               sudo, su, doas or dzdo did not let us in
    |   +-- FactError                      FactTypeError, FactValueError, FactProcessError,
    |   |                                  FactNotCollected (MissingCommandError, FactPreconditionError)
    |   +-- OperationError                 OperationValueError, OperationFailed (NestedOperationError)
    +-- UnknownUntilApplied               a plan cannot know this                        ends the plan of a host
    +-- InternalError                     a bug in ropewalk: please report               exit 70

Messages say what is wrong; ``hint`` says what to do about it.
"""

from __future__ import annotations

from typing import Any


class RopewalkError(Exception):
    """The root of the tree."""

    def __init__(self, *args: Any, hint: str | None = None) -> None:
        super().__init__(*args)
        self.hint = hint


class UsageError(RopewalkError):
    """What was asked for makes no sense; found before any host is touched.

    :param where: ``file:line`` of the mistake, when it is in a file.
    """

    def __init__(self, *args: Any, hint: str | None = None, where: str | None = None) -> None:
        super().__init__(*args, hint=hint)
        self.where = where


class LoadError(UsageError):
    """A deploy, inventory, config or data file cannot be read, parsed or executed."""


class ConfigError(UsageError):
    """A config key has a value that cannot be used, or a requirement is not met."""


class InventoryError(UsageError):
    """The inventory names something that does not exist."""


class NoHostError(InventoryError, TypeError):
    """There is no host of this name."""


class NoGroupError(InventoryError, TypeError):
    """There is no group of this name."""


class NoConnectorError(InventoryError, TypeError):
    """There is no connector of this name."""


class ConnectorDataTypeError(UsageError, TypeError):
    """Host data that a connector reads has the wrong type."""


class ArgumentTypeError(UsageError, TypeError):
    """A global argument (``_sudo`` ...) has the wrong type or does not exist."""


class DeployError(RopewalkError):
    """Deploy code says that this host cannot go on."""


class HostError(RopewalkError):
    """Something failed on one host."""


class ConnectError(HostError):
    """The host could not be reached, or the connection to it was lost."""


class AuthenticationFailed(ConnectError):
    """The host was reached and refused the user, the key or the password."""


class HostKeyRejected(ConnectError):
    """The host's key is not the one that is known for it."""


class ConnectionLost(ConnectError):
    """The connection ended while it was in use."""


class EscalationFailed(HostError):
    """sudo, su, doas or dzdo did not let us in.

    :param unknown_user: because there is no such user (yet).
    """

    def __init__(self, *args: Any, hint: str | None = None, unknown_user: bool = False) -> None:
        super().__init__(*args, hint=hint)
        self.unknown_user = unknown_user


class FactError(HostError):
    """A fact could not be read."""


class FactTypeError(FactError, TypeError):
    """A fact was asked for with the wrong arguments."""


class FactValueError(FactError, ValueError):
    """A fact was asked for with values that make no sense."""


class FactProcessError(FactError, RuntimeError):
    """The output of a fact's command could not be understood."""


class FactNotCollected(FactError):
    """A fact could not be read on this host, for a reason that is not a failed command."""


class MissingCommandError(FactNotCollected):
    """The program that a fact needs is not installed."""


class FactPreconditionError(FactNotCollected):
    """The host does not have what the fact is about."""

    def __init__(self, fact_cls: type, reason: str) -> None:
        super().__init__(f"{fact_cls.__name__}: {reason}")
        self.fact_cls, self.reason = fact_cls, reason


class OperationError(HostError):
    """An operation cannot be carried out."""


class OperationTypeError(UsageError, OperationError, TypeError):
    """An operation was called with the wrong arguments."""


class OperationValueError(OperationError, ValueError):
    """An operation was called with values that make no sense."""


class OperationFailed(OperationError):
    """An operation was tried and failed: raised at its call, in the deploy or callback that made it."""

    def __init__(self, message: str, *, result: Any = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.result = result


class UnknownUntilApplied(RopewalkError, RuntimeError):
    """What was asked for cannot be known before the deploy is applied."""


class InternalError(RopewalkError):
    """A bug in ropewalk."""
