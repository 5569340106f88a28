"""iptables.rule"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.iptables import IptablesRule
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Steps, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.iptables.family import check_name, program_for
from ropewalk.operations.packaging.names import words as split_words


@operation()
def rule(
    chain: str,
    jump: str,
    present: bool = True,
    table: str = "filter",
    append: bool = True,
    version: int = 4,
    protocol: str | None = None,
    not_protocol: str | None = None,
    source: str | None = None,
    not_source: str | None = None,
    destination: str | None = None,
    not_destination: str | None = None,
    in_interface: str | None = None,
    not_in_interface: str | None = None,
    out_interface: str | None = None,
    not_out_interface: str | None = None,
    to_destination: str | None = None,
    to_source: str | None = None,
    to_ports: int | str | None = None,
    log_prefix: str | None = None,
    destination_port: int | str | None = None,
    source_port: int | str | None = None,
    extras: str = "",
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Add a rule to a chain, or take it out.

    Whether the rule is there says the packet filter itself, so it does not matter how addresses and ports are written.

    :param chain: the chain.
    :param jump: what happens to packets that fit: ``ACCEPT``, ``DROP``, ``LOG``, a chain ...
    :param present: whether the rule should be there; ``False`` takes out all copies of it.
    :param table: the chain's table.
    :param append: ``False`` puts a new rule first instead of last.
    :param version: 4 or 6: of the Internet Protocol.
    :param protocol: of the packets: ``"tcp"``, ``"udp"``, ``"icmp"`` ...
    :param not_protocol: all but this protocol.
    :param source: address or network the packets come from.
    :param not_source: all but this address or network.
    :param destination: address or network they go to.
    :param not_destination: all but this address or network.
    :param in_interface: interface they arrive on; ``"eth+"`` stands for all that begin with ``eth``.
    :param not_in_interface: all but this interface.
    :param out_interface: interface they leave by.
    :param not_out_interface: all but this interface.
    :param to_destination: the new destination, for ``DNAT`` in the table ``nat``.
    :param to_source: the new source, for ``SNAT`` in the table ``nat``.
    :param to_ports: the new port or ports, for ``REDIRECT`` in the table ``nat``.
    :param log_prefix: what log lines begin with, for ``LOG``.
    :param destination_port: port, or ports as ``"80:90"``; needs a ``protocol``.
    :param source_port: as ``destination_port``.
    :param extras: further words of the rule, for matches and for what it jumps to, written as on a command line:
        ``'-m comment --comment "web"'``, ``"--reject-with tcp-reset"``. They are split into words, but nothing in them
        is expanded.
    :raises OperationError: what the rule jumps to does not exist.
    :raises OperationValueError: arguments that do not go together.

    ::

        iptables.rule(
            name="Let the office in", chain="INPUT", jump="ACCEPT", protocol="tcp", destination_port=22,
            source="192.0.2.0/24"
        )
    """
    check_name("chain", chain)
    check_name("table", table)
    check_name("target", jump, hint="its options go into `extras`")
    program = program_for(version)
    _check_target(jump, table, {"LOG": log_prefix, "DNAT": to_destination, "SNAT": to_source, "REDIRECT": to_ports})
    if protocol is None and not (destination_port is None and source_port is None):
        raise OperationValueError("a port needs a protocol", hint='give protocol="tcp" or "udp"')
    matches = {
        "-p": (protocol, not_protocol), "-s": (source, not_source), "-d": (destination, not_destination),
        "-i": (in_interface, not_in_interface), "-o": (out_interface, not_out_interface),
    }  # fmt: skip
    targets = {"--log-prefix": log_prefix, "--to-destination": to_destination, "--to-source": to_source,
               "--to-ports": to_ports}  # fmt: skip
    # Options of a target are known after it only; those of a match, anywhere.
    ports = _given({"--dport": destination_port, "--sport": source_port})
    words = [*_matches(matches), *ports, "-j", jump, *_given(targets), *split_words(extras)]

    host = current_host.get()
    there = host.get_fact(IptablesRule, program=program[0], table=table, chain=chain, rule=words)
    if there is None and present:
        raise OperationError(f"there is no chain or target {jump} to jump to", hint="make it with iptables.chain first")
    if bool(there) == present:
        host.noop(f"the rule is {'in' if present else 'not in'} {chain}")
    elif present:
        yield sh(*program, "-t", table, "-A" if append else "-I", chain, *words)
    else:
        check, delete = (sh(*program, "-t", table, option, chain, *words).render() for option in ("-C", "-D"))
        yield sh(Raw(f"while {check} 2>/dev/null; do {delete} || exit; done"))


def _check_target(jump: str, table: str, given: Mapping[str, object]) -> None:
    names = {"LOG": "log_prefix", "DNAT": "to_destination", "SNAT": "to_source", "REDIRECT": "to_ports"}
    for target, value in given.items():
        if value is not None and jump != target:
            raise OperationValueError(f"{names[target]} is for jump={target!r}, not {jump!r}")
        if value is not None and target != "LOG" and table != "nat":
            raise OperationValueError(f"{names[target]} is for table='nat', not {table!r}")


def _matches(matches: Mapping[str, tuple[str | None, str | None]]) -> Iterator[str]:
    for option, (wanted, unwanted) in matches.items():
        if wanted is not None and unwanted is not None:
            raise OperationValueError(f"a rule cannot both ask for {wanted} and for all but {unwanted}")
        if wanted is not None:
            yield from (option, _value(wanted))
        if unwanted is not None:
            yield from ("!", option, _value(unwanted))


def _given(options: Mapping[str, object]) -> Iterator[str]:
    for option, value in options.items():
        if value is not None:
            yield from (option, _value(value) if option != "--log-prefix" else str(value))


def _value(value: object) -> str:
    text = str(value)
    if not text or text.startswith(("-", "!")) or any(character.isspace() for character in text):
        raise OperationValueError(f"{value!r} cannot be part of a rule")
    return text
