"""Facts about the hardware of a host, or what a virtual machine or container takes for it."""

from __future__ import annotations

from ropewalk.facts.hardware.machine import BlockDevices as BlockDevices
from ropewalk.facts.hardware.machine import CpuInfo as CpuInfo
from ropewalk.facts.hardware.machine import Cpus as Cpus
from ropewalk.facts.hardware.machine import Memory as Memory
from ropewalk.facts.hardware.network import Ipv4Addresses as Ipv4Addresses
from ropewalk.facts.hardware.network import Ipv4Addrs as Ipv4Addrs
from ropewalk.facts.hardware.network import Ipv6Addresses as Ipv6Addresses
from ropewalk.facts.hardware.network import Ipv6Addrs as Ipv6Addrs
from ropewalk.facts.hardware.network import NetworkDevices as NetworkDevices
