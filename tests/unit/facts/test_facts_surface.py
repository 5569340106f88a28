"""The facts that deploys written for pyinfra v3 ask for: their names, arguments and defaults."""

from __future__ import annotations

import importlib
import inspect

import pytest

from ropewalk.api import FactBase, ShortFactBase

PATH = "path"
FIND = ("path, size=None, min_size=None, max_size=None, maxdepth=None, fname=None, iname=None, regex=None, "
        "path_match=None, args=None, quote_path=True")  # fmt: skip
UNITS = "user_mode=False, machine=None, user_name=None, services=None"
SURFACE = {
    "apt.AptKeys": ("directories=None", None),
    "apt.AptPackages": ("", {}),
    "apt.AptSources": ("", []),
    "apt.SimulateOperationWillChange": ("command", None),
    "deb.DebArch": ("", None),
    "deb.DebPackage": ("package", None),
    "deb.DebPackages": ("", {}),
    "files.Block": ("path, marker=None, begin=None, end=None", []),
    "files.Directory": (PATH, None),
    "files.File": (PATH, None),
    "files.FileContents": (PATH, None),
    "files.FindDirectories": (FIND, []),
    "files.FindFiles": (FIND, []),
    "files.FindFilesBase": (FIND, []),
    "files.FindInFile": ("path, pattern, interpolate_variables=False, extended_regex=False", None),
    "files.FindLinks": (FIND, []),
    "files.Flags": (PATH, None),
    "files.HashFileFactBase": (PATH, None),
    "files.Link": (PATH, None),
    "files.Md5File": (PATH, None),
    "files.Sha1File": (PATH, None),
    "files.Sha256File": (PATH, None),
    "files.Sha384File": (PATH, None),
    "files.Socket": (PATH, None),
    "gpg.GpgKey": ("src", None),
    "gpg.GpgKeyrings": ("directories", None),
    "gpg.GpgKeys": ("keyring=None", None),
    "gpg.GpgSecretKeys": ("keyring=None", None),
    "server.Arch": ("", None),
    "server.AuthorizedKeys": ("user, path=None", []),
    "server.Command": ("command", None),
    "server.EtcHosts": ("path='/etc/hosts'", {}),
    "server.Groups": ("", []),
    "server.Home": ("user=''", None),
    "server.Hostname": ("", None),
    "server.Kernel": ("", None),
    "server.KernelModules": ("", {}),
    "server.KernelVersion": ("", None),
    "server.Last": ("", []),
    "server.Lastb": ("", []),
    "server.LinuxDistribution": ("", {"name": None, "major": None, "minor": None, "release_meta": {}}),
    "server.LinuxGui": ("", []),
    "server.LoadAverage": ("", {}),
    "server.Locales": ("", []),
    "server.LsbRelease": ("", None),
    "server.MacosVersion": ("", None),
    "server.Mounts": ("", {}),
    "server.Os": ("", None),
    "server.OsRelease": ("", None),
    "server.OsVersion": ("", None),
    "server.Path": ("", None),
    "server.Port": ("port, protocol='tcp'", None),
    "server.Ports": ("", []),
    "server.Processes": ("pid=None", {}),
    "server.RebootRequired": ("", False),  # None in v3, whose command always writes something
    "server.SecurityLimits": ("", []),
    "server.Selinux": ("", {"mode": None}),
    "server.Sysctl": ("keys=None", {}),
    "server.Timezone": ("", None),
    "server.TmpDir": ("", None),
    "server.Uptime": ("", None),
    "server.User": ("", None),
    "server.Users": ("", {}),
    "server.Which": ("command", None),
    "systemd.SystemdEnabled": (UNITS, {}),
    "systemd.SystemdStatus": (UNITS, {}),
}


def _fact(name):
    module, _, cls = name.partition(".")
    return getattr(importlib.import_module(f"ropewalk.facts.{module}"), cls)


@pytest.mark.parametrize("name", SURFACE)
def test_names_arguments_and_defaults(name):
    fact = _fact(name)
    assert issubclass(fact, FactBase)
    assert fact.name == name
    arguments, default = SURFACE[name]
    parameters = list(inspect.signature(fact.command).parameters.values())[1:]
    spelled = [p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in parameters]
    assert ", ".join(spelled) == arguments
    assert fact.default() == default


@pytest.mark.parametrize(
    ("name", "whole"), [("server.LinuxName", "server.LinuxDistribution"), ("server.HasGui", "server.LinuxGui")]
)
def test_facts_that_are_parts_of_others(name, whole):
    assert issubclass(_fact(name), ShortFactBase)
    assert (_fact(name).name, _fact(name).fact) == (name, _fact(whole))


@pytest.mark.parametrize("name", SURFACE)
def test_every_fact_says_what_it_is(name):
    assert (_fact(name).__doc__ or "").strip().endswith((".", "}", "]", "::"))
