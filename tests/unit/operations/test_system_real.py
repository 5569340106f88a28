"""Services, crontabs, the packet filter, SELinux and SSH, on a copy of this machine, by the real programs.

Tests skip where a program is missing. Debian's packages: cron, iptables, openrc, openssh-server, runit,
policycoreutils-python-utils with selinux-policy-default.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ropewalk.facts.crontab import Crontab
from ropewalk.facts.iptables import Ip6tablesRules, IptablesChains, IptablesRules
from ropewalk.facts.openrc import OpenrcEnabled, OpenrcService, OpenrcStatus
from ropewalk.facts.runit import RunitManaged, RunitStatus
from ropewalk.facts.selinux import FileContextMapping, SEBooleanKept, SEPort, SEPorts
from ropewalk.facts.sysvinit import InitdStatus, InitLinks, InitScript
from ropewalk.model.errors import FactError, OperationError
from ropewalk.operations import crontab, iptables, openrc, runit, selinux, ssh, sysvinit
from support.box import Box, CommandFailed, why_not
from support.hostile import HOSTILE

pytestmark = [pytest.mark.root, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]

#: A daemon: it leaves the number of its process in a file, and says whether that process lives.
INIT_SCRIPT = """#!/bin/sh
### BEGIN INIT INFO
# Provides: thing
# Required-Start:
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
### END INIT INFO
pid=/run/thing.pid
case $1 in
start) [ -f $pid ] || { setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >$pid; } ;;
stop) [ ! -f $pid ] || { kill "$(cat $pid)"; rm $pid; } ;;
restart) $0 stop; $0 start; echo restarted >>/run/thing.log ;;
reload) echo reloaded >>/run/thing.log ;;
status) [ -f $pid ] || exit 3 ;;
*) exit 2 ;;
esac
"""


@pytest.fixture
def gateway() -> Iterator[Box]:
    """A box whose packets are nobody else's: what filters and translates them would part others from their servers."""
    made = Box()
    yield made
    made.close()


@pytest.fixture
def thing(box: Box) -> Iterator[str]:
    """A service with an init script that does not run."""
    box.write("/etc/init.d/thing", INIT_SCRIPT, "755")
    yield "thing"
    box.sh("/etc/init.d/thing stop; rm -f /etc/init.d/thing /etc/rc?.d/*thing /run/thing.log /etc/runlevels/*/thing")


def texts(done):
    return [str(step) for step in done.steps]


def test_init_scripts(box, thing):
    box.needs("update-rc.d")
    assert box.fact(InitdStatus)["thing"] is False
    box.converge(sysvinit.service, "thing", enabled=True)
    assert box.fact(InitScript, "thing") == {"thing": True}
    started = [link for link in box.fact(InitLinks, "thing") if "/S" in link]
    assert started
    box.apply(sysvinit.service, "thing", restarted=True)
    box.apply(sysvinit.service, "thing", reloaded=True)
    assert box.sh("cat /run/thing.log").split() == ["restarted", "reloaded"]
    box.converge(sysvinit.service, "thing", running=False, enabled=False)
    assert box.fact(InitScript, "thing") == {"thing": False}
    assert not [link for link in box.fact(InitLinks, "thing") if "/S" in link]
    box.converge(sysvinit.service, "thing", running=None, enabled=True)  # again, with links that say "stop"
    assert [link for link in box.fact(InitLinks, "thing") if "/S" in link] == started


def test_links_of_init_scripts(box, thing):
    box.converge(sysvinit.enable, "thing", start_levels=[2, 3], start_priority=7)
    assert {"/etc/rc2.d/S07thing", "/etc/rc0.d/K80thing"} <= box.fact(InitLinks, "thing").keys()
    box.converge(sysvinit.enable, "thing", start_levels=[2, 3], start_priority=8)
    assert "/etc/rc2.d/S07thing" not in box.fact(InitLinks, "thing")
    assert box.sh("cd /etc/rc2.d && readlink -e S08thing") == "/etc/init.d/thing\n"


def test_openrc(box, thing):
    box.needs("rc-service", "rc-update", "rc-status")
    box.sh("mkdir -p /run/openrc && touch /run/openrc/softlevel")
    assert box.fact(OpenrcService, "nothing") == {}
    box.converge(openrc.service, thing, enabled=True)
    assert box.fact(OpenrcService, thing) == {"thing": True}
    assert box.fact(OpenrcEnabled)["thing"] is True
    assert "thing" in box.fact(OpenrcStatus)
    assert box.fact(OpenrcEnabled, "boot")["thing"] is False
    box.apply(openrc.service, thing, restarted=True)
    assert box.fact(OpenrcService, thing) == {"thing": True}
    box.converge(openrc.service, thing, enabled=True, runlevel="boot")
    box.converge(openrc.service, thing, running=False, enabled=False)
    assert box.fact(OpenrcService, thing) == {"thing": False}
    assert box.fact(OpenrcEnabled)["thing"] is False


@pytest.fixture
def svdir(box: Box) -> Iterator[str]:
    """Where runit looks for services; one named "one" can be supervised."""
    box.needs("sv", "runsvdir")
    box.write("/etc/sv/one/run", "#!/bin/sh\nexec sleep 1000\n", "755")
    box.sh(
        "mkdir -p '/sv dir' && { setsid runsvdir -P '/sv dir' </dev/null >/dev/null 2>&1 & echo $! >/run/svdir.pid; }"
    )
    yield "/sv dir"
    box.sh("kill -HUP $(cat /run/svdir.pid); rm -rf '/sv dir' /etc/sv/one")


def test_runit(box, svdir):
    place = {"svdir": svdir}
    assert box.fact(RunitStatus, **place) == {}
    box.converge(runit.service, "one", running=False, **place)
    assert box.fact(RunitStatus, "one", **place) == {"one": False}
    assert box.sh("ls /etc/sv/one").split() == ["run", "supervise"]  # no file that keeps it down
    assert box.fact(RunitManaged, **place) == {"one"}
    box.converge(runit.service, "one", enabled=False, **place)
    assert box.fact(RunitStatus, **place) == {"one": True}
    box.apply(runit.service, "one", restarted=True, **place)
    box.apply(runit.wait_runsv, "one", **place)
    box.converge(runit.service, "one", running=False, enabled=True, **place)
    assert box.status("su nobody -s /bin/sh -c \"SVDIR='/sv dir' sv status one\"") != 0
    with pytest.raises(CommandFailed, match="not supervised after 0 s: fail: two"):
        box.apply(runit.wait_runsv, "two", timeout=0, **place)
    box.converge(runit.service, "one", managed=False, **place)
    assert box.fact(RunitManaged, **place) == set()


def test_crontabs(box):
    box.needs("crontab")
    assert box.fact(Crontab).commands == []
    box.converge(crontab.crontab, "run it", minute="*/5", hour=[1, 2])
    box.converge(crontab.crontab, "run it", special_time="@daily")
    box.converge(crontab.crontab, "one", cron_name="a job", user="nobody")
    box.converge(crontab.crontab, "two", cron_name="a job", user="nobody", minute=0)
    assert box.sh("crontab -l; crontab -l -u nobody").split("\n") == [
        "@daily run it", "# pyinfra-name=a job", "0 * * * * two", "",
    ]  # fmt: skip
    assert box.fact(Crontab, user="nobody").get_command(name="a job")["minute"] == 0
    box.converge(crontab.crontab, "run it", present=False)
    box.converge(crontab.crontab, "echo $HOME", interpolate_variables=True)
    assert box.sh("crontab -l").split() == ["*", "*", "*", "*", "*", "echo", "/root"]
    for text in HOSTILE:
        box.converge(crontab.crontab, text, cron_name=text, user="nobody")
    assert box.fact(Crontab, user="nobody").get_command(name=HOSTILE[5])["command"] == HOSTILE[5]
    with pytest.raises(FactError, match="unknown"):
        box.fact(Crontab, user="nosuchuser")


@pytest.mark.parametrize("version", [4, 6])
def test_the_packet_filter(gateway, version):
    program = {4: "iptables", 6: "ip6tables"}[version]
    gateway.needs(program)
    if gateway.status(f"{program} -L"):
        pytest.skip(f"the kernel has no {program}")
    place = {"version": version}
    gateway.converge(iptables.chain, "FORWARD", policy="DROP", **place)
    gateway.converge(iptables.chain, "MINE", **place)
    ssh_rule = {"protocol": "tcp", "destination_port": "ssh", "extras": '-m comment --comment "it\'s; $(x)"'}
    gateway.converge(iptables.rule, "INPUT", "ACCEPT", **ssh_rule, **place)
    gateway.converge(iptables.rule, "INPUT", "MINE", append=False, not_in_interface="lo", **place)
    log = {"log_prefix": "x y: ", "not_protocol": "udp"}
    gateway.converge(iptables.rule, "INPUT", "LOG", **log, **place)
    reject = {"protocol": "tcp", "destination_port": "1:9", "extras": "--reject-with tcp-reset -m limit --limit 5/min"}
    gateway.converge(iptables.rule, "INPUT", "REJECT", **reject, **place)
    first, second, third, fourth = gateway.fact(IptablesRules if version == 4 else Ip6tablesRules)
    assert (first["jump"], first["not_in_interface"]) == ("MINE", "lo")
    assert {"22", "it's; $(x)"} <= second["extras"]
    assert (third["log_prefix"], third["not_protocol"]) == ("x y: ", "udp")
    assert {"tcp-reset", "1:9", "5/min"} <= fourth["extras"]
    with pytest.raises(OperationError, match="there is no chain or target NONE"):
        gateway.evaluate(iptables.rule, "INPUT", "NONE", **place)
    with pytest.raises(FactError, match="bogus"):
        gateway.evaluate(iptables.rule, "INPUT", "DROP", extras="--bogus", **place)
    gateway.sh(f"{program} -A INPUT ! -i lo -j MINE")
    gateway.converge(iptables.rule, "INPUT", "MINE", not_in_interface="lo", present=False, **place)
    gateway.converge(iptables.chain, "MINE", present=False, **place)
    gateway.converge(iptables.rule, "INPUT", "MINE", present=False, **place)
    if version == 4:
        assert gateway.fact(IptablesChains)["FORWARD"] == "DROP"


def test_address_translation(gateway):
    gateway.needs("iptables")
    if gateway.status("iptables -t nat -L"):
        pytest.skip("the kernel translates no addresses")
    web = {"table": "nat", "protocol": "tcp", "destination_port": 80}
    gateway.converge(iptables.rule, "PREROUTING", "DNAT", to_destination="10.0.0.1:80", **web)
    gateway.converge(iptables.rule, "PREROUTING", "REDIRECT", to_ports=8080, **web)
    gateway.converge(iptables.rule, "POSTROUTING", "SNAT", table="nat", to_source="10.0.0.1")
    assert [rule["jump"] for rule in gateway.fact(IptablesRules, "nat")] == ["DNAT", "REDIRECT", "SNAT"]


@pytest.fixture
def policy(box: Box) -> None:
    box.needs("semanage")
    if box.status("semanage port -l -n"):
        pytest.skip("there is no policy of SELinux: needs selinux-policy-default")


def test_ports_of_selinux(box, policy):
    assert box.fact(SEPort, "tcp", 22) == box.fact(SEPorts)["tcp"][22] == "ssh_port_t"
    box.converge(selinux.port, "tcp", 8998, "http_port_t")
    box.converge(selinux.port, "tcp", 80, "ssh_port_t")
    assert box.fact(SEPort, "tcp", 80) == box.fact(SEPorts)["tcp"][80] == "ssh_port_t"
    box.converge(selinux.port, "tcp", 80, present=False)
    assert box.fact(SEPort, "tcp", 80) == "http_port_t"


@pytest.mark.parametrize("target", ["/var/www(/.*)?", "-it's"])
def test_mappings_of_selinux(box, policy, target):
    before = box.fact(FileContextMapping, target)
    box.converge(selinux.file_context_mapping, target, "bin_t")
    box.converge(selinux.file_context_mapping, target, "etc_t")
    assert box.fact(FileContextMapping, target)["type"] == "etc_t"
    box.converge(selinux.file_context_mapping, target, present=False)
    assert box.fact(FileContextMapping, target) == before


def test_booleans_of_selinux(box, policy):
    assert box.fact(SEBooleanKept, "httpd_can_network_connect") == ""
    box.sh("semanage boolean -m --on httpd_can_network_connect")
    assert box.fact(SEBooleanKept, "httpd_can_network_connect") == "on"
    assert box.fact(SEBooleanKept, "httpd_can_network") == ""


@pytest.fixture
def server(box: Box) -> Iterator[dict[str, object]]:
    """A server inside the box, which lets root in by key."""
    box.needs("/usr/sbin/sshd", "ssh-keygen", "ssh-keyscan")
    box.sh(
        "mkdir -p /run/sshd /root/.ssh && rm -f /root/.ssh/* && "
        "ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519 && "
        "cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys && ssh-keygen -q -t ed25519 -N '' -f /run/sshd/key && "
        "/usr/sbin/sshd -f /dev/null -p 2222 -o ListenAddress=127.0.0.1 -o HostKey=/run/sshd/key "
        "-o PidFile=/run/sshd/pid -o StrictModes=no -E /run/sshd/log"
    )
    yield {"hostname": "127.0.0.1", "port": 2222}
    box.sh("kill $(cat /run/sshd/pid); rm -rf /run/sshd")


def test_ssh(box, server):
    box.converge(ssh.keyscan, **server)
    box.converge(ssh.keyscan, force=True, **server)
    box.sh("ssh-keygen -H")
    assert box.evaluate(ssh.keyscan, **server).steps == []
    box.apply(ssh.command, command="echo \"a  b\" 'x' >/run/said", **server)
    assert box.sh("cat /run/said") == "a  b x\n"
    box.sh("printf 'a\\n\\0b' >\"/run/it's -x\" && chmod 750 \"/run/it's -x\"")
    box.apply(ssh.upload, filename="/run/it's -x", remote_filename='/run/"q"', **server)
    box.converge(ssh.download, filename='/run/"q"', local_filename="/run/back", **server)
    assert box.sh('cmp /run/back "/run/it\'s -x" && stat -c %a /run/back') == "750\n"
    for operation, arguments in (
        (ssh.command, {"command": "exit 3"}), (ssh.upload, {"filename": "/nope"}),
        (ssh.download, {"filename": "/nope", "local_filename": "/run/x"}),
    ):  # fmt: skip
        with pytest.raises(CommandFailed):
            box.apply(operation, **arguments, **server)
    assert box.status("test -e /run/x") != 0


def test_a_server_that_got_another_key(box, server):
    box.sh("echo '[127.0.0.1]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILkMBBcxRkoVTDW1TJI6zY3Iwi0Ac/pSrWzO5PE/HXOv' "
           ">/root/.ssh/known_hosts")  # fmt: skip
    assert box.evaluate(ssh.keyscan, **server).noop == "[127.0.0.1]:2222 is known"
    with pytest.raises(CommandFailed, match="HOST IDENTIFICATION HAS CHANGED"):
        box.apply(ssh.command, command="true", **server)
    box.converge(ssh.keyscan, force=True, **server)
    box.apply(ssh.command, command="true", **server)
    with pytest.raises(OperationError, match="offers no keys"):
        box.evaluate(ssh.keyscan, "127.0.0.1", port=2229)
