"""LXD, OpenVZ and Puppet: the commands, and what is refused."""

from __future__ import annotations

import subprocess

import pytest

from ropewalk.facts.lxd import LxdContainers
from ropewalk.facts.server import Which
from ropewalk.facts.vzctl import OpenvzContainers
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import lxd, puppet, vzctl
from ropewalk.testing import evaluate


def texts(done):
    return [str(step) for step in done.steps]


def container(status, program="/usr/bin/lxc", **kwargs):
    known = [{"name": "other", "status": "Running"}, *([{"name": "a", "status": status}] if status else [])]
    return evaluate(lxd.container, "a", facts={LxdContainers: known, Which: program}, **kwargs)


@pytest.mark.parametrize(
    ("status", "kwargs", "commands"),
    [
        (None, {}, ["lxc launch ubuntu:16.04 a </dev/null"]),
        (None, {"image": "images:debian/12 x"}, ["lxc launch 'images:debian/12 x' a </dev/null"]),
        ("Running", {}, []),
        ("Stopped", {}, []),
        (None, {"present": False}, []),
        ("Running", {"present": False}, ["lxc stop a", "lxc delete a"]),
        ("Stopped", {"present": False}, ["lxc delete a"]),
        ("Frozen", {"present": False}, ["lxc delete --force a"]),
    ],
)
def test_lxd(status, kwargs, commands):
    done = container(status, **kwargs)
    assert texts(done) == commands
    assert bool(done.noop) == (not commands)


def test_a_host_without_lxd():
    for present in (True, False):
        with pytest.raises(OperationError, match="lxc is not installed"):
            container(None, program=None, present=present)
    with pytest.raises(OperationValueError):
        evaluate(lxd.container, "-a")


CONTAINERS = {
    101: {"status": "running"},
    102: {"status": "stopped", "name": "mail"},
    103: {"status": "mounted"},
}


def vz(operation, ctid, **kwargs):
    return evaluate(operation, ctid, facts={OpenvzContainers: CONTAINERS}, **kwargs)


@pytest.mark.parametrize(
    ("operation", "ctid", "kwargs", "commands"),
    [
        (vzctl.start, 101, {}, []),
        (vzctl.start, "101", {}, []),
        (vzctl.start, "102", {}, ["vzctl start 102"]),
        (vzctl.start, "mail", {"force": True}, ["vzctl start mail --force"]),
        (vzctl.stop, 101, {}, ["vzctl stop 101"]),
        (vzctl.stop, 102, {}, []),
        (vzctl.restart, 101, {}, ["vzctl stop 101", "vzctl start 101"]),
        (vzctl.restart, 102, {"force": True}, ["vzctl start 102 --force"]),
        (vzctl.mount, 102, {}, ["vzctl mount 102"]),
        (vzctl.mount, 103, {}, []),
        (vzctl.mount, 101, {}, []),
        (vzctl.unmount, 103, {}, ["vzctl umount 103"]),
        (vzctl.unmount, 102, {}, []),
        (vzctl.delete, 102, {}, ["vzctl destroy 102"]),
        (vzctl.delete, 104, {}, []),
        (vzctl.create, 104, {}, ["vzctl create 104"]),
        (vzctl.create, 104, {"template": "debian 12"}, ["vzctl create 104 --ostemplate 'debian 12'"]),
        (vzctl.set, 101, {"onboot": True, "hostname": "a b"}, ["vzctl set 101 --save --onboot yes --hostname 'a b'"]),
        (vzctl.set, 101, {"save": False, "ipadd": ["1", "2"]}, ["vzctl set 101 --ipadd 1 --ipadd 2"]),
    ],
)
def test_openvz(operation, ctid, kwargs, commands):
    done = vz(operation, ctid, **kwargs)
    assert texts(done) == commands
    assert bool(done.noop) == (not commands)


@pytest.mark.parametrize("operation", [vzctl.start, vzctl.stop, vzctl.restart, vzctl.mount, vzctl.unmount])
def test_a_container_that_is_not_there(operation):
    with pytest.raises(OperationError, match="there is no container 104"):
        vz(operation, 104)


@pytest.mark.parametrize(
    ("operation", "ctid", "kwargs", "message"),
    [
        (vzctl.set, 104, {"onboot": True}, "there is no container"),
        (vzctl.set, 101, {}, "needs at least one setting"),
        (vzctl.set, 101, {"onboot": None}, "is not a setting"),
        (vzctl.set, 101, {"ipadd": []}, "is not a setting"),
        (vzctl.set, 101, {"a-b": "1"}, "is not a setting"),
        (vzctl.create, 101, {}, "there is a container 101 already"),
        (vzctl.create, "-x", {}, "is not the number or name"),
        (vzctl.unmount, 101, {}, "the container 101 runs"),
    ],
)
def test_what_openvz_cannot_do(operation, ctid, kwargs, message):
    with pytest.raises(OperationError, match=message):
        vz(operation, ctid, **kwargs)


@pytest.mark.parametrize(
    ("kwargs", "options"),
    [({}, ""), ({"server": "a b", "port": 8140}, " '--server=a b' --masterport=8140")],
)
def test_puppet(kwargs, options):
    assert texts(evaluate(puppet.agent, **kwargs)) == [f"puppet agent -t{options} || [ $? -eq 2 ]"]


@pytest.mark.parametrize(("status", "succeeds"), [(0, True), (2, True), (1, False), (4, False), (6, False)])
def test_what_puppet_says(tmp_path, status, succeeds):
    (tmp_path / "puppet").write_text(f"#!/bin/sh\nexit {status}\n")
    (tmp_path / "puppet").chmod(0o755)
    [command] = texts(evaluate(puppet.agent))
    done = subprocess.run(["sh", "-c", command], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False)
    assert (done.returncode == 0) is succeeds


@pytest.mark.parametrize("port", [0, 65536, "x", -1])
def test_ports_that_puppet_has_not(port):
    with pytest.raises(OperationValueError, match="is not a port"):
        evaluate(puppet.agent, port=port)
