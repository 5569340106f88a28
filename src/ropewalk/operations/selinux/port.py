"""selinux.port"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.selinux import PortRecord, SEPortRecords
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.names import check_word


class Protocol(enum.StrEnum):
    """The protocols whose ports have types."""

    UDP = "udp"
    TCP = "tcp"
    SCTP = "sctp"
    DCCP = "dccp"


@operation()
def port(
    protocol: Protocol | str,
    port_num: int,
    se_type: str | None = None,
    present: bool = True,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Say which type a port has.

    :param protocol: ``"tcp"``, ``"udp"``, ``"sctp"`` or ``"dccp"``.
    :param port_num: the port.
    :param se_type: the type, such as ``http_port_t``; needed when ``present``.
    :param present: ``False`` takes away what was added to the policy; what the policy itself says stays.
    :raises OperationValueError: a protocol or port that is none, or there is no type.

    ::

        selinux.port(name="Serve on 8800", protocol="tcp", port_num=8800, se_type="http_port_t")
    """
    if protocol not in list(Protocol):
        raise OperationValueError(f"{protocol!r} is no protocol whose ports have types", hint=", ".join(Protocol))
    if not str(port_num).isdecimal() or not 0 < int(port_num) < 65536:
        raise OperationValueError(f"{port_num!r} is not a port")
    number, host = int(port_num), current_host.get()
    where = ["-p", str(protocol), str(number)]
    records = host.get_fact(SEPortRecords).get(str(protocol), [])
    if not present:
        if any(record.local and record.low == record.high == number for record in records):
            yield sh("semanage", "port", "-d", *where)
        else:
            host.noop(f"nothing was added to the policy for {protocol} port {number}")
        return
    if se_type is None:
        raise OperationValueError("a port needs `se_type`: which type?")
    check_word("a type", se_type)
    before = _counting(records, number)
    if before and before.type == se_type:
        host.noop(f"{protocol} port {number} has the type {se_type}")
        return
    yield Change(f"{protocol} port {number}", before.type if before else None, se_type)
    verb = "-m" if before and before.low == before.high else "-a"
    yield sh("semanage", "port", verb, "-t", se_type, *where)


def _counting(records: Sequence[PortRecord], port: int) -> PortRecord | None:
    """Return the record that counts for a port: the smallest range, and of two equal ones that which was added."""
    fitting = [record for record in records if record.low <= port <= record.high]
    return min(fitting, key=lambda record: (record.high - record.low, not record.local), default=None)
