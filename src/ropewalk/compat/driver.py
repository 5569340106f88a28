"""v3's Python API for scripts: connect, add operations, run them, read facts, disconnect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ropewalk.api.context import current_state
from ropewalk.api.host import Host
from ropewalk.api.meta import OperationMeta
from ropewalk.api.operation import Operation
from ropewalk.api.state import State
from ropewalk.compat.script import Script
from ropewalk.model.errors import OperationTypeError, UsageError

Hosts = Host | Iterable[Host] | None


def connect_all(state: State) -> None:
    """Connect to all hosts of a state (or to those of its limit).

    A host that cannot be reached is in ``state.failed_hosts`` afterwards.

    :raises RopewalkError: none can be reached.
    """
    if state.driver is None:
        state.driver = Script(state)
    _script(state).connect()


def drive(state: State) -> None:
    """Make the hosts of a state answer by themselves: ``host.connect()`` without ``connect_all`` needs it."""
    if current_state.get(None) is state:
        return  # the run that it is the state of has not come to its hosts yet
    state.driver = Script(state)
    state.driver.adopt()


State.drive = drive


def add_op(
    state: State, op_func: Operation[Any] | Callable[..., Any], *args: Any, host: Hosts = None, **kwargs: Any
) -> dict[Host, OperationMeta]:
    """Note an operation that ``run_ops`` will carry out.

    :param host: the host or hosts it is for (default: all that are connected).
    :returns: its result for each host; complete once ``run_ops`` has come to it.
    :raises OperationTypeError: it does not take these arguments.
    """
    if not isinstance(op_func, Operation):
        raise OperationTypeError(f"add_op takes an operation, not {op_func!r}", hint="decorate it with @operation()")
    return _script(state).add_op(op_func, args, kwargs, _hosts(state, host))


def add_deploy(state: State, deploy_func: Callable[..., Any], *args: Any, host: Hosts = None, **kwargs: Any) -> None:
    """Note a deploy that ``run_ops`` will run: its code runs then, between the operations added before and after.

    :param host: the host or hosts it is for (default: all that are connected).
    """
    if not hasattr(deploy_func, "deploy_name"):
        raise UsageError(f"add_deploy takes a deploy, not {deploy_func!r}", hint="decorate it with @deploy()")
    _script(state).add_deploy(deploy_func, args, kwargs, _hosts(state, host))


def run_ops(state: State, serial: bool = False, no_wait: bool = False) -> None:
    """Carry out what was added since the last time.

    :param serial: everything on one host, then everything on the next.
    :param no_wait: hosts do not wait for each other.
    :raises RopewalkError: no host is left, more hosts have failed than ``config.FAIL_PERCENT`` allows, or a state
        callback raised. Otherwise see ``state.failed_hosts``.
    """
    _script(state).run(serial=serial, no_wait=no_wait)


def get_facts(
    state: State,
    cls: type[Any],
    args: Sequence[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    ensure_hosts: Any = None,
    apply_failed_hosts: bool = True,
) -> dict[Host, Any]:
    """Read a fact of all connected hosts, at the same time.

    :param ensure_hosts: not needed.
    :param apply_failed_hosts: whether a host whose fact cannot be read has failed; it is left out of the result
        either way.
    :raises RopewalkError: no host is left.
    """
    return _script(state).facts(cls, args or (), kwargs or {}, fail=apply_failed_hosts)


def disconnect_all(state: State) -> None:
    """Close every connection."""
    if state.driver is not None:
        _script(state).close()
        state.driver = None


def _script(state: State) -> Script:
    if isinstance(state.driver, Script):
        return state.driver
    if state.driver is not None or current_state.get(None) is state:
        raise UsageError("this function is for scripts", hint="in a deploy, call the operation itself")
    raise UsageError("the hosts of this state are not connected", hint="call connect_all(state) first")


def _hosts(state: State, given: Hosts) -> list[Host]:
    if given is None:
        return state.inventory.get_active_hosts()
    wanted = [given] if isinstance(given, Host) else list(given)
    unknown = [host for host in wanted if not isinstance(host, Host) or host not in list(state.inventory)]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is not a host of this state", hint="see state.inventory.get_host(name)")
    return [host for host in wanted if host in state.active_hosts]
