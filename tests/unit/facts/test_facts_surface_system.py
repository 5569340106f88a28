"""Facts about services, kernel and machine: names, arguments and defaults are those that v3 deploys know."""

from __future__ import annotations

import importlib
import inspect

import pytest

from ropewalk.api import FactBase, ShortFactBase

SVDIR = "service=None, svdir='/var/service'"
SURFACE = {
    "bsdinit.RcdStatus": ("", {}),
    "crontab.Crontab": ("user=None", []),
    "efibootmgr.EFIBootMgr": ("", None),
    "freebsd.PkgPackage": ("package, jail=None", None),
    "freebsd.ServiceScript": ("srvname, jail=None", None),
    "freebsd.ServiceStatus": ("srvname, jail=None", None),
    "freebsd.Sysrc": ("parameter, jail=None", None),
    "hardware.BlockDevices": ("", {}),
    "hardware.CpuInfo": ("", None),
    "hardware.Cpus": ("", None),
    "hardware.Memory": ("", None),
    "hardware.NetworkDevices": ("", {}),
    "iptables.Ip6tablesChains": ("table='filter'", {}),
    "iptables.Ip6tablesRules": ("table='filter'", []),
    "iptables.IptablesChains": ("table='filter'", {}),
    "iptables.IptablesRules": ("table='filter'", []),
    "launchd.LaunchdStatus": ("", {}),
    "lxd.LxdContainers": ("", []),
    "openrc.OpenrcEnabled": ("runlevel='default'", {}),
    "openrc.OpenrcStatus": ("runlevel='default'", {}),
    "runit.RunitManaged": (SVDIR, set()),
    "runit.RunitStatus": (SVDIR, {}),
    "selinux.FileContext": ("path", None),
    "selinux.FileContextMapping": ("target", {}),
    "selinux.SEBoolean": ("boolean", ""),
    "selinux.SEPort": ("protocol, port", ""),
    "selinux.SEPorts": ("", {}),
    "sysvinit.InitdStatus": ("", {}),
    "upstart.UpstartStatus": ("", {}),
    "vzctl.OpenvzContainers": ("", {}),
    "zfs.ZfsDatasets": ("", {}),
    "zfs.ZfsPools": ("", {}),
}
SHORT = {
    "hardware.Ipv4Addresses": "hardware.NetworkDevices",
    "hardware.Ipv4Addrs": "hardware.NetworkDevices",
    "hardware.Ipv6Addresses": "hardware.NetworkDevices",
    "hardware.Ipv6Addrs": "hardware.NetworkDevices",
    "zfs.ZfsFilesystems": "zfs.ZfsDatasets",
    "zfs.ZfsSnapshots": "zfs.ZfsDatasets",
    "zfs.ZfsVolumes": "zfs.ZfsDatasets",
}
ALIASES = {
    "server.Crontab": "crontab.Crontab",
    "zfs.Datasets": "zfs.ZfsDatasets",
    "zfs.Filesystems": "zfs.ZfsFilesystems",
    "zfs.Pools": "zfs.ZfsPools",
    "zfs.Snapshots": "zfs.ZfsSnapshots",
    "zfs.Volumes": "zfs.ZfsVolumes",
}


def fact_of(name):
    module, _, cls = name.partition(".")
    return getattr(importlib.import_module(f"ropewalk.facts.{module}"), cls)


@pytest.mark.parametrize("name", SURFACE)
def test_names_arguments_and_defaults(name):
    fact = fact_of(name)
    assert issubclass(fact, FactBase)
    assert fact.name == name
    arguments, default = SURFACE[name]
    parameters = list(inspect.signature(fact.command).parameters.values())[1:]
    spelled = [p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in parameters]
    assert ", ".join(spelled) == arguments
    value = fact.default()
    assert (value.to_json() if hasattr(value, "to_json") else value) == default


@pytest.mark.parametrize("name", SHORT)
def test_facts_that_are_parts_of_others(name):
    assert issubclass(fact_of(name), ShortFactBase)
    assert fact_of(name).fact is fact_of(SHORT[name])


@pytest.mark.parametrize("name", ALIASES)
def test_other_names(name):
    assert fact_of(name) is fact_of(ALIASES[name])


@pytest.mark.parametrize("name", [*SURFACE, *SHORT])
def test_every_fact_says_what_it_is(name):
    assert (fact_of(name).__doc__ or "").strip().endswith((".", "}", "]", "``"))
