"""Reads what ip-address(8) and ifconfig(8) write about network interfaces: pure functions."""

from __future__ import annotations

import ipaddress
import itertools
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

#: An interface; see :class:`ropewalk.facts.hardware.NetworkDevices`.
Device: TypeAlias = dict[str, Any]

_IP_HEAD = re.compile(r"\d+: ([^:@\s]+)(?:@[^:\s]+)?: <([^>]*)>(.*)")
_IFCONFIG_HEAD = re.compile(r"(\S+?):?\s+(?:flags=\w+<([^>]*)>|Link encap:(.*))(.*)")


def read_ip_json(text: str) -> dict[str, Device]:
    """Read the output of ``ip -j addr show``."""
    devices: dict[str, Device] = {}
    for link in json.loads(text):
        if "ifname" not in link:  # iproute2 4 writes empty objects for what it was not asked for
            continue
        device: Device = {"mtu": link["mtu"]} if "mtu" in link else {}
        if link.get("address") and link.get("link_type") in ("ether", "loopback"):
            device["ether"] = link["address"]
        device["state"] = link.get("operstate", "UNKNOWN")
        for entry in link.get("addr_info", []):
            if "local" in entry:
                _add(device, entry["local"], entry["prefixlen"], entry.get("broadcast"))
        devices[link["ifname"]] = device
    return devices


def read_ip(lines: Iterable[str]) -> dict[str, Device]:
    """Read the output of ``ip addr show``, of iproute2 or BusyBox."""
    devices: dict[str, Device] = {}
    device: Device = {}
    for line in lines:
        if head := _IP_HEAD.match(line):
            said = _pairs(head[3].split())
            device = devices[head[1]] = {"mtu": int(said["mtu"])} if "mtu" in said else {}
            device["state"] = said.get("state", "UP" if "UP" in head[2].split(",") else "DOWN")
            continue
        words = line.split()
        if words[:1] in (["link/ether"], ["link/loopback"]):
            device["ether"] = words[1]
        elif words[:1] in (["inet"], ["inet6"]):
            local, _, bits = words[1].partition("/")
            _add(device, local, bits or ("32" if words[0] == "inet" else "128"), _pairs(words[2:]).get("brd"))
    return devices


def read_ifconfig(lines: Iterable[str]) -> dict[str, Device]:
    """Read the output of ``ifconfig -a``: of the BSDs and macOS, and of both kinds on Linux."""
    devices: dict[str, Device] = {}
    device: Device = {}
    for line in lines:
        words = line.replace("addr: ", "addr:").split()
        if line[:1].strip() and (head := _IFCONFIG_HEAD.match(line)):
            device = devices[head[1]] = {"state": "UP" if "UP" in (head[2] or "").split(",") else "DOWN"}
        _attributes(device, words)
        if words[:1] in (["inet"], ["inet6"]):
            _ifconfig_address(device, words)
    return devices


def _attributes(device: Device, words: list[str]) -> None:
    said = _pairs(words)
    if mtu := said.get("mtu") or next((word[4:] for word in words if word.startswith("MTU:")), None):
        device["mtu"] = int(mtu)
        if "MTU:" in " ".join(words):  # the older kind on Linux has its flags on this line
            device["state"] = "UP" if "UP" in words else "DOWN"
    for name in ("ether", "lladdr", "HWaddr"):
        if name in said:
            device["ether"] = said[name].lower()


def _ifconfig_address(device: Device, words: list[str]) -> None:
    said = {**_pairs(words), **dict(word.split(":", 1) for word in words if re.match(r"(Bcast|Mask):", word))}
    local = words[1].removeprefix("addr:").partition("%")[0]
    address, _, bits = local.partition("/")
    mask = said.get("netmask") or said.get("Mask")
    length = said.get("prefixlen") or bits or (_length(mask) if mask else "32" if words[0] == "inet" else "128")
    _add(device, address, length, said.get("broadcast") or said.get("Bcast"))


def _add(device: Device, address: str, bits: int | str, broadcast: str | None) -> None:
    entry: dict[str, Any] = {"address": address, "mask_bits": int(bits)}
    if ":" not in address:
        entry["netmask"] = str(ipaddress.ip_network(f"0.0.0.0/{bits}").netmask)
        entry["broadcast"] = broadcast
    family = "ipv6" if ":" in address else "ipv4"
    if family in device:
        device[family].setdefault("additional_ips", []).append(entry)
    else:
        device[family] = entry


def _length(mask: str) -> str:
    """Return the length of a mask that is written as four numbers, or in hexadecimal."""
    bits = int(mask, 16) if mask.startswith("0x") else int(ipaddress.IPv4Address(mask))
    return str(bits.bit_count())


def _pairs(words: list[str]) -> Mapping[str, str]:
    return dict(itertools.pairwise(words))
