"""Text that begins with a dash where a program would take it for an option: refused, or guarded."""

from __future__ import annotations

import pytest

from ropewalk.facts.brew import BrewTaps
from ropewalk.facts.bsdinit import RcdEnabled
from ropewalk.facts.docker import DockerContainer, DockerContainerProcesses
from ropewalk.facts.files import FindFiles
from ropewalk.facts.freebsd import ServiceStatus
from ropewalk.facts.iptables import IptablesChains
from ropewalk.facts.launchd import LaunchdStatus
from ropewalk.facts.lxd import LxdContainers
from ropewalk.facts.server import Sysctl, Which
from ropewalk.facts.zfs import ZfsDataset
from ropewalk.model.errors import FactValueError, OperationValueError
from ropewalk.operations import brew, docker, iptables, launchd, lxd, runit, server, ssh
from ropewalk.operations.docker.container_spec import Spec
from ropewalk.testing import evaluate

FACTS = {
    BrewTaps: [], IptablesChains: {"INPUT": "ACCEPT"}, LaunchdStatus: {"x": True}, LxdContainers: [], Sysctl: {},
    Which: "/usr/bin/x",
}  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        (brew.tap, {"src": "a/b", "url": "-x"}),
        (iptables.chain, {"chain": "INPUT", "policy": "-F"}),
        (launchd.service, {"service": "x", "command": "-x"}),
        (runit.service, {"service": "x", "command": "-x"}),
        (lxd.container, {"id": "x", "image": "-x"}),
        (server.sysctl, {"key": "-a", "value": 1}),
        (ssh.command, {"hostname": "x", "command": "-oProxyCommand=x"}),
    ],
)
def test_operations(operation, arguments):
    with pytest.raises(OperationValueError):
        evaluate(operation, facts=FACTS, **arguments)


@pytest.mark.parametrize(("fact", "argument"), [(RcdEnabled, "-x"), (ServiceStatus, "-x")])
def test_facts(fact, argument):
    with pytest.raises(FactValueError):
        fact().command(argument)


@pytest.mark.parametrize(("fact", "words"), [(DockerContainerProcesses, "-- -x"), (ZfsDataset, "-- all -x")])
def test_facts_that_guard_it(fact, words):
    assert words in fact().command("-x").render()


def test_arguments_of_find_with_an_open_quote():
    with pytest.raises(FactValueError, match="quot"):
        FindFiles().command("/srv", args=["-name 'x"])


def test_one_variable_is_not_a_list_of_letters():
    done = evaluate(docker.container, "web", image="i", env_vars="A=b", start=False,
                    facts={DockerContainer: [], Which: "/usr/bin/docker"})  # fmt: skip
    assert "--env A=b " in " ".join(str(step) for step in done.steps)


def test_networks_are_looked_for_by_name():
    replace = Spec("i", networks=("-n",)).replace("web")
    assert replace.render().startswith("docker network inspect -- -n >/dev/null && ")
