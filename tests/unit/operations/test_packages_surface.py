"""The operations and facts about packages that deploys written for pyinfra v3 use: names, arguments and defaults."""

from __future__ import annotations

import importlib
import inspect

import pytest

from ropewalk.api import FactBase, Operation

OPERATIONS = {
    "apk.packages": "packages=None, present=True, latest=False, update=False, upgrade=False",
    "apk.update": "",
    "apk.upgrade": "available=False",
    "brew.cask_upgrade": "",
    "brew.casks": "casks=None, present=True, latest=False, upgrade=False",
    "brew.packages": "packages=None, present=True, latest=False, update=False, upgrade=False",
    "brew.tap": "src=None, present=True, trusted=False, url=None",
    "brew.trust": "items, kind, trusted",
    "brew.update": "",
    "brew.upgrade": "",
    "cargo.packages": "packages=None, present=True, latest=False",
    "choco.install": "",
    "choco.packages": "packages=None, present=True, latest=False",
    "dnf.key": "src",
    "dnf.module": "module, stream=None, enabled=True",
    "dnf.packages": (
        "packages=None, present=True, latest=False, update=False, clean=False, nobest=False, "
        "extra_install_args=None, extra_uninstall_args=None"
    ),
    "dnf.repo": "src, present=True, baseurl=None, description=None, enabled=True, gpgcheck=True, gpgkey=None",
    "dnf.rpm": "src, present=True",
    "dnf.update": "",
    "flatpak.packages": "packages=None, remote=None, present=True",
    "gem.packages": "packages=None, present=True, latest=False",
    "go.packages": "packages=None, present=True, latest=False",
    "npm.packages": "packages=None, present=True, latest=False, directory=None",
    "opkg.packages": "packages='', present=True, latest=False, update=True",
    "opkg.update": "",
    "pacman.packages": "packages=None, present=True, update=False, upgrade=False",
    "pacman.update": "",
    "pacman.upgrade": "",
    "pip.packages": (
        "packages=None, present=True, latest=False, requirements=None, pip='pip', virtualenv=None, "
        "virtualenv_kwargs=None, extra_install_args=None"
    ),
    "pip.venv": "path, python=None, site_packages=False, always_copy=False, present=True",
    "pip.virtualenv": "path, python=None, venv=False, site_packages=False, always_copy=False, present=True",
    "pipx.ensure_path": "",
    "pipx.packages": "packages=None, present=True, latest=False, extra_args=None",
    "pipx.upgrade_all": "",
    "pkg.packages": "packages=None, present=True, pkg_path=None",
    "pkgin.packages": "packages=None, present=True, latest=False, update=False, upgrade=False",
    "pkgin.update": "",
    "pkgin.upgrade": "",
    "snap.package": "packages=None, channel='latest/stable', classic=False, present=True",
    "uv.packages": "packages, requirements=None, present=True, latest=False, extra_args=None",
    "uv.pythons": "versions, present=True, managed=True, extra_args=None",
    "uv.tools": "tools, present=True, latest=False, extra_args=None",
    "uv.tools_update_shell": "",
    "uv.tools_upgrade_all": "extra_args=None",
    "uv.venv": (
        "path, present=True, python=None, allow_existing=False, clear_existing=False, link_mode=None, "
        "seed=False, site_packages=False, extra_args=None"
    ),
    "xbps.packages": "packages=None, present=True, update=False, upgrade=False",
    "xbps.update": "",
    "xbps.upgrade": "",
    "yum.key": "src",
    "yum.packages": (
        "packages=None, present=True, latest=False, update=False, clean=False, nobest=False, "
        "extra_install_args=None, extra_uninstall_args=None"
    ),
    "yum.repo": "src, present=True, baseurl=None, description=None, enabled=True, gpgcheck=True, gpgkey=None",
    "yum.rpm": "src, present=True",
    "yum.update": "",
    "zypper.packages": (
        "packages=None, present=True, latest=False, update=False, clean=False, "
        "extra_global_install_args=None, extra_install_args=None, extra_global_uninstall_args=None, "
        "extra_uninstall_args=None"
    ),
    "zypper.repo": (
        "src, baseurl=None, present=True, description=None, enabled=True, gpgcheck=True, gpgkey=None, type='rpm-md'"
    ),
    "zypper.rpm": "src, present=True",
    "zypper.update": "",
}
FACTS = {
    "apk.ApkPackages": ("", "{}"),
    "brew.BrewCasks": ("", "{}"),
    "brew.BrewPackages": ("", "{}"),
    "brew.BrewTaps": ("", "[]"),
    "brew.BrewTrusted": ("", "{'casks': [], 'commands': [], 'formulae': [], 'taps': []}"),
    "brew.BrewVersion": ("", "[0, 0, 0]"),
    "cargo.CargoPackages": ("", "{}"),
    "choco.ChocoPackages": ("", "{}"),
    "choco.ChocoVersion": ("", "None"),
    "dnf.DnfDisabledModules": ("", "[]"),
    "dnf.DnfEnabledModules": ("", "{}"),
    "dnf.DnfRepositories": ("", "[]"),
    "flatpak.FlatpakBaseFact": ("", "None"),
    "flatpak.FlatpakPackage": ("package", "{}"),
    "flatpak.FlatpakPackages": ("", "[]"),
    "gem.GemPackages": ("", "{}"),
    "go.GoPackages": ("", "{}"),
    "npm.NpmPackages": ("directory=None", "{}"),
    "opkg.OpkgConf": ("", "OpkgConfInfo(paths={}, list_dir='', options={}, arch_cfg={})"),
    "opkg.OpkgFeeds": ("", "{}"),
    "opkg.OpkgInstallableArchitectures": ("", "{}"),
    "opkg.OpkgPackages": ("", "{}"),
    "opkg.OpkgUpgradeablePackages": ("", "{}"),
    "pacman.PacmanPackages": ("", "{}"),
    "pacman.PacmanUnpackGroup": ("package", "[]"),
    "pip.Pip3Packages": ("pip=None", "{}"),
    "pip.PipPackages": ("pip=None", "{}"),
    "pipx.PipxEnvironment": ("", "{}"),
    "pipx.PipxPackages": ("", "{}"),
    "pkg.PkgPackages": ("", "{}"),
    "pkgin.PkginPackages": ("", "{}"),
    "rpm.RpmPackage": ("package", "None"),
    "rpm.RpmPackageProvides": ("package", "[]"),
    "rpm.RpmPackages": ("", "{}"),
    "snap.SnapBaseFact": ("", "None"),
    "snap.SnapPackage": ("package", "{}"),
    "snap.SnapPackages": ("", "[]"),
    "uv.UvAvailablePythonsByImplementation": ("is_managed=True", "{}"),
    "uv.UvAvailablePythonsByVersion": ("is_managed=True", "{}"),
    "uv.UvInstalledPythonsByImplementation": ("is_managed=True", "{}"),
    "uv.UvInstalledPythonsByVersion": ("is_managed=True", "{}"),
    "uv.UvPipPackages": ("", "{}"),
    "uv.UvPythonDir": ("", "''"),
    "uv.UvToolDir": ("", "''"),
    "uv.UvTools": ("", "{}"),
    "uv.UvVersion": ("", "''"),
    "xbps.XbpsPackages": ("", "{}"),
    "yum.YumRepositories": ("", "[]"),
    "zypper.ZypperRepositories": ("", "[]"),
}
#: Arguments that facts have beyond v3's.
MORE = {"uv.UvPipPackages": ["options=()"]}


def _of(layer, name):
    module, _, what = name.partition(".")
    return getattr(importlib.import_module(f"ropewalk.{layer}.{module}"), what)


def _spelled(function):
    parameters = inspect.signature(function).parameters.values()
    own = [p for p in parameters if p.kind is not p.VAR_KEYWORD and p.name != "self"]
    return [p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in own]


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations(name):
    operation = _of("operations", name)
    assert isinstance(operation, Operation)
    assert operation.full_name == name
    assert ", ".join(_spelled(operation._inner)) == OPERATIONS[name]
    assert "::\n" in operation.__doc__  # has an example


@pytest.mark.parametrize("name", FACTS)
def test_facts(name):
    fact = _of("facts", name)
    arguments, default = FACTS[name]
    assert issubclass(fact, FactBase)
    assert fact.name == name
    assert fact.abstract == name.endswith("BaseFact")
    assert repr(fact.default()) == default
    assert (fact.__doc__ or "").strip().endswith((".", "}", "]", "::"))
    if not fact.abstract:
        assert ", ".join(arg for arg in _spelled(fact.command) if arg not in MORE.get(name, [])) == arguments


def test_arguments_of_uv_are_given_by_name():
    parameters = inspect.signature(_of("operations", "uv.packages")._inner).parameters
    assert parameters["requirements"].kind is inspect.Parameter.KEYWORD_ONLY
