"""server.service and server.packages: which manager is chosen, and what is asked of it."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping

import pytest

from ropewalk.api import OperationError, operation, sh
from ropewalk.facts.files import Directory, Link
from ropewalk.facts.server import Os, Which
from ropewalk.operations import server
from ropewalk.operations.server import managers
from ropewalk.testing import evaluate


class Host(Mapping):
    """The facts of a host with some programs and directories."""

    def __init__(self, *programs, os="Linux", directories=(), links=()):
        self.programs, self.os, self.directories, self.links = programs, os, directories, links

    def __iter__(self):
        return iter((Which, Os, Directory, Link))

    def __len__(self):
        return 4

    def __getitem__(self, key):
        fact, values = (key[0], str(key[2])) if isinstance(key, tuple) else (key, "")
        if fact is Os:
            return self.os
        names = {Which: self.programs, Directory: self.directories, Link: self.links}[fact]
        return next((name for name in names if f"'{name}'" in values.replace('"', "")), None)


@pytest.fixture
def asked(monkeypatch):
    """Stand in for every manager's module, and return what the operations in them were asked for."""
    calls = []

    def module(name):
        def packages(**kwargs):
            calls.append((name, kwargs))
            yield sh(name)

        def service(*args, **kwargs):
            calls.append((name, args, kwargs))
            yield sh(name)

        made = types.ModuleType(f"ropewalk.operations.{name}")
        made.packages, made.service = operation()(packages), operation()(service)
        return made

    for name in {manager.module for manager in (*server_managers("packages"), *server_managers("service"))}:
        monkeypatch.setitem(sys.modules, f"ropewalk.operations.{name}", module(name))
    return calls


def server_managers(name):
    return sys.modules[f"ropewalk.operations.server.{name}"].MANAGERS


@pytest.mark.parametrize(
    ("programs", "module"),
    [
        (["zypper"], "zypper"),
        (["apk"], "apk"),
        (["apt"], "apt"),
        (["brew"], "brew"),
        (["dnf"], "dnf"),
        (["dnf", "yum"], "dnf"),
        (["apt", "dnf"], "apt"),
        (["pacman"], "pacman"),
        (["xbps-install"], "xbps"),
        (["xbps"], "xbps"),
        (["yum"], "yum"),
        (["pkg"], "pkg"),
        (["pkg_add"], "pkg"),
    ],
)
def test_packages(asked, programs, module):
    assert evaluate(server.packages, ["a", "b"], facts=Host(*programs)).steps == [sh(module)]
    assert asked == [(module, {"packages": ["a", "b"], "present": True})]


def test_packages_are_removed(asked):
    evaluate(server.packages, "a", present=False, facts=Host("apt"))
    assert asked == [("apt", {"packages": "a", "present": False})]


@pytest.mark.parametrize(
    ("host", "module"),
    [
        (Host("systemctl", "service", "sv"), "systemd"),
        (Host("rc-service", "service"), "openrc"),
        (Host("initctl"), "upstart"),
        (Host("sv"), "runit"),
        (Host("service", os="FreeBSD", directories=["/etc/rc.d"]), "bsdinit"),
        (Host(os="OpenBSD", directories=["/etc/rc.d"]), "bsdinit"),
        (Host("launchctl", os="Darwin"), "launchd"),
        (Host("service"), "sysvinit"),
        (Host(directories=["/etc/init.d"]), "sysvinit"),
        (Host(links=["/etc/init.d"]), "sysvinit"),
    ],
)
def test_service(asked, host, module):
    assert evaluate(server.service, "nginx", facts=host).steps == [sh(module)]
    assert (asked[0][0], asked[0][1]) == (module, ("nginx",))


def test_everything_is_passed_on(asked):
    wanted = {"running": None, "restarted": True, "reloaded": True, "command": "x", "enabled": False}
    evaluate(server.service, "nginx", **wanted, facts=Host("systemctl"))
    assert asked == [("systemd", ("nginx",), wanted)]


@pytest.mark.parametrize("wanted", [{"reloaded": True}, {"enabled": True}, {"enabled": False}])
def test_launchd_says_what_it_cannot_do(asked, wanted):
    with pytest.raises(OperationError, match="launchd can neither reload nor enable"):
        evaluate(server.service, "x", **wanted, facts=Host("launchctl", os="Darwin"))


def test_launchd_is_asked_only_for_what_it_can_do(asked):
    evaluate(server.service, "x", facts=Host("launchctl", os="Darwin"))
    assert asked == [("launchd", ("x",), {"running": True, "restarted": False, "command": None})]


@pytest.mark.parametrize("call", [(server.packages, "x"), (server.service, "x")])
def test_a_host_without_any_is_an_error(call):
    with pytest.raises(OperationError, match=r"no manager of (packages|services) was found") as raised:
        evaluate(*call, facts=Host())
    assert "looked for" in raised.value.hint


def test_a_manager_that_is_not_supported_is_named():
    manager = managers.Manager("frob", "frob_packages", lambda: True)
    with pytest.raises(OperationError, match="this host has frob, which this version of ropewalk does not support"):
        managers.operation_of(manager, "packages")


def test_a_module_that_cannot_be_imported_for_another_reason_is_not_hidden(tmp_path, monkeypatch):
    import ropewalk.operations

    (tmp_path / "broken_one.py").write_text("import a_module_that_is_not_there\n")
    monkeypatch.setattr(ropewalk.operations, "__path__", [*ropewalk.operations.__path__, str(tmp_path)])
    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_not_there"):
        managers.operation_of(managers.Manager("x", "broken_one", lambda: True), "packages")


@pytest.mark.parametrize("name", ["packages", "service"])
def test_every_manager_of_the_tables_is_named(name):
    assert all(manager.name and manager.module.isidentifier() for manager in server_managers(name))
    assert len({id(manager) for manager in server_managers(name)}) > 5
