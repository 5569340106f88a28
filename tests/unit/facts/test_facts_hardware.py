"""Facts about hardware: recorded output of several systems, and this machine."""

from __future__ import annotations

import pytest

from ropewalk.facts.hardware import (
    BlockDevices,
    CpuInfo,
    Cpus,
    Ipv4Addresses,
    Ipv4Addrs,
    Ipv6Addresses,
    Ipv6Addrs,
    Memory,
    NetworkDevices,
)
from ropewalk.model.errors import FactProcessError

IP_JSON = """[{},{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP"],"mtu":65536,"operstate":"UNKNOWN",
"link_type":"loopback","address":"00:00:00:00:00:00","addr_info":[
{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host"},{"family":"inet6","local":"::1","prefixlen":128}]},
{"ifname":"eth0","link_index":5,"flags":["UP"],"mtu":1500,"operstate":"UP","link_type":"ether",
"address":"aa:bb:cc:dd:ee:ff","addr_info":[
{"family":"inet","local":"10.0.0.2","prefixlen":24,"broadcast":"10.0.0.255"},
{"family":"inet","local":"10.0.0.3","prefixlen":24},{"family":"inet6","local":"fe80::1","prefixlen":64},{}]},
{"ifname":"tun0","mtu":1400,"operstate":"DOWN","link_type":"none","addr_info":[]}]"""

IP_TEXT = """1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host
2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000
    link/ether aa:bb:cc:dd:ee:ff brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 10.0.0.2/24 brd 10.0.0.255 scope global eth0
    inet 10.0.0.3/24 scope global secondary eth0:1
    inet6 fe80::1/64 scope link
3: tun0: <POINTOPOINT,NOARP> mtu 1400 qdisc noop state DOWN
    link/none
"""
ETH0 = {
    "ether": "aa:bb:cc:dd:ee:ff",
    "mtu": 1500,
    "state": "UP",
    "ipv4": {
        "address": "10.0.0.2",
        "mask_bits": 24,
        "netmask": "255.255.255.0",
        "broadcast": "10.0.0.255",
        "additional_ips": [{"address": "10.0.0.3", "mask_bits": 24, "netmask": "255.255.255.0", "broadcast": None}],
    },
    "ipv6": {"address": "fe80::1", "mask_bits": 64},
}
LO = {
    "ether": "00:00:00:00:00:00",
    "mtu": 65536,
    "state": "UNKNOWN",
    "ipv4": {"address": "127.0.0.1", "mask_bits": 8, "netmask": "255.0.0.0", "broadcast": None},
    "ipv6": {"address": "::1", "mask_bits": 128},
}


@pytest.mark.parametrize("text", [IP_JSON, IP_TEXT], ids=["json", "text"])
def test_ip(process, text):
    assert process(NetworkDevices, text) == {"lo": LO, "eth0": ETH0, "tun0": {"mtu": 1400, "state": "DOWN"}}


def test_addresses(process):
    devices = process(NetworkDevices, IP_JSON)
    assert Ipv4Addrs().process_data(devices) == {"lo": ["127.0.0.1"], "eth0": ["10.0.0.2", "10.0.0.3"]}
    assert Ipv6Addrs().process_data(devices) == {"lo": ["::1"], "eth0": ["fe80::1"]}
    assert Ipv4Addresses().process_data(devices) == {"lo": "127.0.0.1", "eth0": "10.0.0.2"}
    assert Ipv6Addresses().process_data(devices) == {"lo": "::1", "eth0": "fe80::1"}


FREEBSD = """lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> metric 0 mtu 16384
\toptions=680003<RXCSUM,TXCSUM>
\tinet6 ::1 prefixlen 128
\tinet6 fe80::1%lo0 prefixlen 64 scopeid 0x2
\tinet 127.0.0.1 netmask 0xff000000
em0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500
\tether 08:00:27:1b:2c:3d
\tinet 192.168.1.5 netmask 0xffffff00 broadcast 192.168.1.255
\tstatus: active
em1: flags=8802<BROADCAST,SIMPLEX,MULTICAST> metric 0 mtu 1500
"""
OPENBSD = """vio0: flags=808843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST,AUTOCONF4> mtu 1500
\tlladdr fe:e1:bb:d1:c9:4a
\tindex 1 priority 0 llprio 3
\tinet 10.0.2.15 netmask 0xffffff00 broadcast 10.0.2.255
"""
NET_TOOLS = """eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
        inet 10.0.0.2  netmask 255.255.255.0  broadcast 10.0.0.255
        inet6 fe80::1  prefixlen 64  scopeid 0x20<link>
        ether aa:bb:cc:dd:ee:ff  txqueuelen 1000  (Ethernet)
        RX packets 1  bytes 2 (2.0 B)
"""
BUSYBOX = """eth0      Link encap:Ethernet  HWaddr AA:BB:CC:DD:EE:FF
          inet addr:10.0.0.2  Bcast:10.0.0.255  Mask:255.255.255.0
          inet6 addr: fe80::1/64 Scope:Link
          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1
          RX packets:1 errors:0

eth1      Link encap:Ethernet  HWaddr 02:00:00:00:00:01
          BROADCAST MULTICAST  MTU:1400  Metric:1
"""
PLAIN = {**ETH0, "ipv4": {key: value for key, value in ETH0["ipv4"].items() if key != "additional_ips"}}


@pytest.mark.parametrize("text", [NET_TOOLS, BUSYBOX], ids=["net-tools", "busybox"])
def test_ifconfig_of_linux(process, text):
    assert process(NetworkDevices, text)["eth0"] == PLAIN


def test_ifconfig_of_busybox_tells_what_is_down(process):
    assert process(NetworkDevices, BUSYBOX)["eth1"] == {"ether": "02:00:00:00:00:01", "mtu": 1400, "state": "DOWN"}


def test_ifconfig_of_freebsd(process):
    devices = process(NetworkDevices, FREEBSD)
    assert devices["em0"] == {
        "ether": "08:00:27:1b:2c:3d", "mtu": 1500, "state": "UP",
        "ipv4": {"address": "192.168.1.5", "mask_bits": 24, "netmask": "255.255.255.0", "broadcast": "192.168.1.255"},
    }  # fmt: skip
    assert devices["lo0"]["ipv6"] == {
        "address": "::1", "mask_bits": 128, "additional_ips": [{"address": "fe80::1", "mask_bits": 64}],
    }  # fmt: skip
    assert devices["em1"] == {"mtu": 1500, "state": "DOWN"}


def test_ifconfig_of_openbsd(process):
    device = process(NetworkDevices, OPENBSD)["vio0"]
    assert (device["ether"], device["ipv4"]["mask_bits"]) == ("fe:e1:bb:d1:c9:4a", 24)


@pytest.mark.parametrize(
    ("text", "mib"),
    [("MemTotal:       16384 kB", 16), ("     16384 K total memory\n 3 K used memory", 16), ("17179869184", 16384)],
)
def test_memory(process, text, mib):
    assert process(Memory, text) == mib


def test_memory_that_is_not_told(process):
    with pytest.raises(FactProcessError, match="does not say"):
        process(Memory, "pages free: 12")


def test_block_devices(process):
    text = """Filesystem     1024-blocks     Used Available Capacity Mounted on
udev               4000000        0   4000000       0% /dev
/dev/sd b              100       50        50      50% /mnt/a b
overfull               100      110       -10     110% /full
map auto_home            0        0         0        - /home
"""
    assert process(BlockDevices, text) == {
        "udev": {"blocks": "4000000", "used": "0", "available": "4000000", "used_percent": "0", "mount": "/dev"},
        "/dev/sd b": {"blocks": "100", "used": "50", "available": "50", "used_percent": "50", "mount": "/mnt/a b"},
        "overfull": {"blocks": "100", "used": "110", "available": "-10", "used_percent": "110", "mount": "/full"},
    }


def test_processors(process):
    text = "Architecture:            x86_64\n  CPU op-mode(s):        32-bit, 64-bit\nFlags:     a b\nBogoMIPS:\n"
    assert process(CpuInfo, text) == {"Architecture": "x86_64", "CPU op-mode(s)": "32-bit, 64-bit", "Flags": ["a", "b"]}
    assert process(Cpus, "2") == 2


def test_this_machine(read):
    assert read(Cpus) >= 1
    assert read(Memory) > 16
    assert any(device["mount"] == "/" for device in read(BlockDevices).values())
    assert read(NetworkDevices)["lo"]["mtu"] > 0


def test_a_file_system_that_may_not_be_looked_at_hides_no_others(read, tmp_path):
    (tmp_path / "df").write_text("#!/bin/sh\nprintf 'Filesystem\\n/dev/a 1 1 0 1%% /\\n'; echo denied >&2; exit 1\n")
    (tmp_path / "df").chmod(0o755)
    read.env["PATH"] = f"{tmp_path}:{read.env['PATH']}"
    if read.shell[0] != "busybox":  # whose own df comes before that of the PATH
        assert list(read(BlockDevices)) == ["/dev/a"]
