"""docker.network"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.docker import DockerNetwork
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.operations.docker.things import docker, each, find, missing_pairs, pairs, refuse_differences


@operation()
def network(
    network: str,
    driver: str = "",
    gateway: str = "",
    ip_range: str = "",
    ipam_driver: str = "",
    subnet: str = "",
    scope: str = "",
    aux_addresses: Mapping[str, str] | None = None,
    opts: Sequence[str] | None = None,
    ipam_opts: Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    ingress: bool = False,
    attachable: bool = False,
    present: bool = True,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make or remove a network.

    :param network: its name.
    :param driver: its driver, such as ``bridge`` or ``overlay``.
    :param gateway: address of the gateway.
    :param ip_range: the part of the subnet that containers get addresses from.
    :param ipam_driver: the driver that manages addresses.
    :param subnet: its addresses, such as ``10.9.0.0/24``.
    :param scope: ``local`` or ``swarm``.
    :param aux_addresses: addresses that the driver uses: name -> address.
    :param opts: options of the driver, as ``name=value``.
    :param ipam_opts: options of the driver that manages addresses, as ``name=value``.
    :param labels: labels, as ``name=value``.
    :param ingress: make it the network that a swarm routes requests in.
    :param attachable: let containers join that are no part of a swarm's service.
    :param present: ``False`` removes it.
    :raises OperationError: Docker is not installed on the host, or the network is there and differs from what is given:
        it cannot be changed.
    :raises OperationValueError: there is no name.

    ::

        docker.network(name="The app's network", network="app", subnet="10.9.0.0/24", labels=["app=shop"])
    """
    have = find(DockerNetwork, network)
    host = current_host.get()
    single = {
        "driver": driver,
        "gateway": gateway,
        "ip-range": ip_range,
        "ipam-driver": ipam_driver,
        "subnet": subnet,
        "scope": scope,
    }
    several = {
        "aux-address": [f"{name}={address}" for name, address in (aux_addresses or {}).items()],
        "opt": opts,
        "ipam-opt": ipam_opts,
        "label": labels,
    }
    flags = {"ingress": ingress, "attachable": attachable}
    if not present:
        if have is None:
            host.noop(f"there is no network {network}")
        else:
            yield docker("network", "rm", "--", network)
    elif have is None:
        words = [word for name, value in single.items() for word in each(f"--{name}", value or None)]
        words += [f"--{name}" for name, wanted in flags.items() if wanted]
        words += [word for name, values in several.items() for word in each(f"--{name}", values)]
        yield docker("network", "create", *words, "--", network)
    else:
        lists = {name: pairs(values) for name, values in several.items()}
        refuse_differences(f"network {network}", dict(_differences(have, single, flags, lists)))
        host.noop(f"there is a network {network}")


def _differences(
    have: Mapping[str, Any],
    single: Mapping[str, str],
    flags: Mapping[str, bool],
    lists: Mapping[str, Mapping[str, str]],
) -> Iterator[tuple[str, tuple[object, object]]]:
    """Yield what is wanted and is not there. A network may have several subnets; one of them must fit."""
    ipam = have.get("IPAM") or {}
    subnets = ipam.get("Config") or []
    for name, there in (
        ("driver", [have.get("Driver")]),
        ("scope", [have.get("Scope")]),
        ("ipam-driver", [ipam.get("Driver")]),
        ("subnet", [config.get("Subnet") for config in subnets]),
        ("gateway", [config.get("Gateway") for config in subnets]),
        ("ip-range", [config.get("IPRange") for config in subnets]),
    ):
        if single[name] and single[name] not in there:
            yield name, (single[name], there[0] if len(there) == 1 else there)
    for name, wanted in flags.items():
        if wanted and not have.get(name.capitalize()):
            yield name, (True, False)
    auxiliary: dict[str, str] = {}
    for config in subnets:
        auxiliary |= config.get("AuxiliaryAddresses") or {}
    for name, kept in (
        ("aux-address", auxiliary),
        ("opt", have.get("Options")),
        ("ipam-opt", ipam.get("Options")),
        ("label", have.get("Labels")),
    ):
        yield from missing_pairs(name, lists[name], kept).items()
