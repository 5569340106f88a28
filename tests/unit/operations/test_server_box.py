"""Settings of a server, carried out on a copy of this machine, looked at by its own programs, and taken back."""

from __future__ import annotations

import pytest

from ropewalk.facts.server import KernelModules, Locales, Processes, Sysctl
from ropewalk.model.errors import OperationError
from ropewalk.operations import server
from support.box import Box, CommandFailed, why_not
from support.hostile import HOSTILE

pytestmark = [pytest.mark.root, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]


def test_locales(box: Box) -> None:
    box.needs("locale-gen", "locale")
    box.sh("sed -i 's/^[^#]/# &/' /etc/locale.gen; rm -f /usr/lib/locale/locale-archive")
    box.converge(server.locale, "pt_BR.UTF-8")
    assert "pt_BR.utf8" in box.sh("locale -a").split()
    assert "pt_BR.UTF-8" in box.fact(Locales)
    box.converge(server.locale, "pt_BR.UTF-8", present=False)
    assert "pt_BR.utf8" not in box.sh("locale -a").split()
    with pytest.raises(OperationError, match="no line for the locale"):
        box.evaluate(server.locale, "xx_XX.UTF-8")


def test_locales_that_cannot_be_built(box: Box) -> None:
    """The file names the locale already when the command fails: the next run builds it all the same."""
    box.needs("locale-gen", "locale")
    box.sh("mkdir -p /run/broken && printf '#!/bin/sh\\nexit 1\\n' >/run/broken/locale-gen && "
           "chmod 755 /run/broken/locale-gen && ln -sf /run/broken/locale-gen /usr/local/sbin/locale-gen")  # fmt: skip
    with pytest.raises(CommandFailed):
        box.apply(server.locale, "pt_PT.UTF-8")
    assert [str(step) for step in box.evaluate(server.locale, "pt_PT.UTF-8").steps] == ["locale-gen"]
    box.sh("rm /usr/local/sbin/locale-gen; sed -i 's/^[^#]/# &/' /etc/locale.gen")


def test_kernel_parameters(box: Box) -> None:
    box.needs("sysctl")
    box.sh("printf '# mine\\nnet.ipv4.ip_forward=0\\n net.ipv4.ip_forward = 0\\n' >/etc/sysctl.d/x.conf")
    wish = {"persist": True, "persist_file": "/etc/sysctl.d/x.conf"}
    box.converge(server.sysctl, "net.ipv4.ip_forward", 1, **wish)
    box.converge(server.sysctl, "net.ipv4.ip_local_port_range", [20000, 40000], **wish)
    assert box.sh("cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ip_local_port_range").split() == [
        "1", "20000", "40000",
    ]  # fmt: skip
    assert box.sh("cat /etc/sysctl.d/x.conf").splitlines() == [
        "# mine", "net.ipv4.ip_forward = 1", "net.ipv4.ip_local_port_range = 20000 40000",
    ]  # fmt: skip
    assert box.fact(Sysctl, keys=["net.ipv4.ip_forward"]) == {"net.ipv4.ip_forward": 1}
    box.converge(server.sysctl, "net.ipv4.ip_forward", 0)
    with pytest.raises(CommandFailed):
        box.apply(server.sysctl, "net.ipv4.no_such_parameter", 1)


def test_modules_of_the_kernel(box: Box) -> None:
    box.needs("modprobe")
    loaded = box.fact(KernelModules)
    for name in [*loaded][:1]:
        assert box.evaluate(server.modprobe, name).steps == []
    assert box.evaluate(server.modprobe, "no-such-module", present=False).steps == []
    with pytest.raises(CommandFailed):
        box.apply(server.modprobe, "no-such-module")


def test_limits_and_hosts(box: Box) -> None:
    box.sh("mkdir -p /etc/security; chmod 640 /etc/hosts")
    for value in (100, "unlimited"):
        box.converge(server.security_limit, "*", "soft", "core", value)
    assert box.sh("grep -c 'soft.core' /etc/security/limits.conf") == "1\n"
    box.converge(server.etc_hosts, "10.9.8.7", ["a.example.org", "a"])
    assert box.sh("getent hosts a").split() == ["10.9.8.7", "a.example.org", "a"]
    assert box.sh("stat -c %a /etc/hosts") == "640\n"
    box.converge(server.etc_hosts, "10.9.8.7", "a", present=False)
    assert box.sh("getent hosts a.example.org").split() == ["10.9.8.7", "a.example.org"]
    box.converge(server.etc_hosts, "10.9.8.7", present=False)


def test_waiting_for_a_port(box: Box) -> None:
    box.needs("python3")
    box.sh("cd /run && { python3 -m http.server --bind 127.0.0.1 8123 >/dev/null 2>&1 & }")
    box.apply(server.wait, 8123)
    assert box.status("timeout 1 sh -c '" + str(box.evaluate(server.wait, 8124).steps[0]).replace("'", "'\\''") + "'")


def test_signals(box: Box) -> None:
    pid = int(box.sh("sleep 1000 >/dev/null 2>&1 & echo $!"))
    box.apply(server.kill, pid, signal="SIGKILL")
    left = box.fact(Processes).get(pid)
    assert left is None or left["state"].startswith("Z")
    with pytest.raises(CommandFailed):
        box.apply(server.kill, 99999999)


@pytest.mark.parametrize("comment", [text for text in HOSTILE if ":" not in text and "\t" not in text])
def test_descriptions_of_users(box: Box, comment: str) -> None:
    box.sh("userdel ada 2>/dev/null || :")
    box.converge(server.user, "ada", comment=comment, home="/srv/it's ada's", ensure_home=True)
    assert box.sh("getent passwd ada").split(":")[4:6] == [comment, "/srv/it's ada's"]
    assert box.sh("stat -c '%U %G' \"/srv/it's ada's\"") == "ada ada\n"


@pytest.mark.parametrize("comment", ["a:b", "a\nb", "tab\there"])
def test_descriptions_that_are_none(box: Box, comment: str) -> None:
    with pytest.raises(CommandFailed, match="useradd: "):
        box.apply(server.user, "eve", comment=comment)
    assert box.status("getent passwd eve")
