"""iptables.chain"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.iptables import Ip6tablesChains, IptablesChains
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.iptables.family import check_name, program_for

# iptables(8), TABLES. They exist even where iptables-save does not show them.
_BUILT_IN = {
    "filter": {"INPUT", "FORWARD", "OUTPUT"},
    "nat": {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"},
    "mangle": {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"},
    "raw": {"PREROUTING", "OUTPUT"},
    "security": {"INPUT", "FORWARD", "OUTPUT"},
}


@operation()
def chain(
    chain: str,
    present: bool = True,
    table: str = "filter",
    policy: str | None = None,
    version: int = 4,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make or remove a chain of one's own, or set the policy of a built-in one.

    :param chain: the chain.
    :param present: whether it should exist. One that has rules, or is jumped to, is not removed: that is an error.
    :param table: its table.
    :param policy: ``"ACCEPT"`` or ``"DROP"``, for built-in chains.
    :param version: 4 or 6: of the Internet Protocol.
    :raises OperationValueError: a built-in chain should be absent, or another one have a policy.

    ::

        iptables.chain(name="Drop what nothing accepts", chain="INPUT", policy="DROP")
    """
    check_name("chain", chain)
    check_name("table", table)
    program = program_for(version)
    built_in = chain in _BUILT_IN.get(table, ())
    if built_in and not present:
        raise OperationValueError(f"{chain} is a built-in chain of the table {table}: it cannot be removed")
    if policy is not None:
        check_name("policy", policy)
    if policy is not None and not (built_in and present):
        raise OperationValueError(f"{chain} is not a built-in chain of the table {table}: only those have a policy")
    host = current_host.get()
    chains = host.get_fact(IptablesChains if version == 4 else Ip6tablesChains, table=table)
    if policy is not None and (have := chains.get(chain, "ACCEPT")) != policy:
        yield Change(f"policy of {chain}", have, policy)
        yield sh(*program, "-t", table, "-P", chain, policy)
    elif not built_in and present != (chain in chains):
        yield sh(*program, "-t", table, "-N" if present else "-X", chain)
    else:
        host.noop(f"the chain {chain} is as it should be")
