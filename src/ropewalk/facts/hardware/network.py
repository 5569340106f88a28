"""Network interfaces and their addresses, on Linux, the BSDs and macOS."""

from __future__ import annotations

from typing import ClassVar

from ropewalk.api.fact import FactBase, ShortFactBase
from ropewalk.facts.hardware.addresses import Device, read_ifconfig, read_ip, read_ip_json


class NetworkDevices(FactBase[dict[str, Device]]):
    """The network interfaces and their addresses.

    Read with ip(8), or ifconfig(8).

    Further addresses of an interface are in ``additional_ips``; what an interface does not have is left out::

        {"eth0": {"ether": "52:54:00:12:34:56", "mtu": 1500, "state": "UP",
                  "ipv4": {"address": "192.0.2.7", "mask_bits": 24, "netmask": "255.255.255.0",
                           "broadcast": "192.0.2.255"},
                  "ipv6": {"address": "fe80::5054:ff:fe12:3456", "mask_bits": 64}}}
    """

    def command(self) -> str:
        # Users other than root seldom have /sbin in their PATH.
        return (
            'PATH="$PATH:/usr/sbin:/sbin"; ip -j addr show 2>/dev/null || ip addr show 2>/dev/null || '
            "LC_ALL=C ifconfig -a"
        )

    def process(self, output: list[str]) -> dict[str, Device]:
        first = output[0].lstrip()
        if first.startswith("["):
            return read_ip_json("\n".join(output))
        return read_ip(output) if first[:1].isdecimal() else read_ifconfig(output)

    @staticmethod
    def default() -> dict[str, Device]:
        return {}


class _Addresses(ShortFactBase["dict[str, list[str]]"]):
    fact = NetworkDevices
    family: ClassVar[str] = "ipv4"

    def process_data(self, data: dict[str, Device]) -> dict[str, list[str]]:
        found = {name: device.get(self.family) for name, device in data.items()}
        return {
            name: [entry["address"], *(other["address"] for other in entry.get("additional_ips", []))]
            for name, entry in found.items()
            if entry
        }


class Ipv4Addrs(_Addresses):
    """The IPv4 addresses of the interfaces that have any: ``{"eth0": ["192.0.2.7", "192.0.2.8"]}``.

    Read with ip(8), or ifconfig(8).
    """


class Ipv6Addrs(_Addresses):
    """The IPv6 addresses of the interfaces that have any, as :class:`Ipv4Addrs`.

    Read with ip(8), or ifconfig(8).

    ::

        {"eth0": ["2001:db8::7", "fe80::5054:ff:fe12:3456"]}
    """

    family = "ipv6"


class Ipv4Addresses(ShortFactBase["dict[str, str]"]):
    """The first IPv4 address of each interface that has any: ``{"eth0": "192.0.2.7"}``.

    Read with ip(8), or ifconfig(8).
    """

    fact = NetworkDevices
    family: ClassVar[str] = "ipv4"

    def process_data(self, data: dict[str, Device]) -> dict[str, str]:
        found = {name: device.get(self.family) for name, device in data.items()}
        return {name: entry["address"] for name, entry in found.items() if entry}


class Ipv6Addresses(Ipv4Addresses):
    """The first IPv6 address of each interface that has any, as :class:`Ipv4Addresses`.

    Read with ip(8), or ifconfig(8).

    ::

        {"eth0": "2001:db8::7"}
    """

    family = "ipv6"
