"""systemd.service, daemon_reload, server.service, timezone and hostname where systemd runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ropewalk.facts.server import Timezone
from ropewalk.facts.systemd import SystemdEnabled, SystemdStatus
from ropewalk.model.errors import OperationError
from ropewalk.operations import server, systemd
from support.booted import Booted, why_not
from support.box import CommandFailed

pytestmark = [pytest.mark.root, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]

UNIT = """[Service]
ExecStart=/bin/sleep 1000
ExecReload=/bin/sh -c 'echo reloaded >>/run/thing.log'
ExecStartPost=/bin/sh -c 'echo started >>/run/thing.log'
[Install]
WantedBy=multi-user.target
Alias=thing-too.service
"""
TIMER = "[Timer]\nOnBootSec=1h\nUnit=thing.service\n[Install]\nWantedBy=timers.target\n"


@pytest.fixture(scope="module")
def box() -> Iterator[Booted]:
    made = Booted()
    yield made
    made.close()


@pytest.fixture
def thing(box: Booted) -> Iterator[str]:
    """A service that neither runs nor is enabled."""
    box.write("/etc/systemd/system/thing.service", UNIT)
    box.sh("systemctl daemon-reload; rm -f /run/thing.log")
    yield "thing"
    box.sh("systemctl disable --now thing; rm -f /etc/systemd/system/thing*; systemctl daemon-reload; "
           "systemctl reset-failed")  # fmt: skip


def log(box: Booted) -> list[str]:
    return box.sh("cat /run/thing.log").split()


def state(box: Booted, unit: str = "thing") -> list[str]:
    return box.sh(f"systemctl is-active {unit}; systemctl is-enabled {unit} 2>&1", check=False).split()


def test_a_service(box: Booted, thing: str) -> None:
    box.converge(systemd.service, thing, enabled=True)
    assert state(box) == ["active", "enabled"]
    box.apply(systemd.service, thing, reloaded=True)
    box.apply(systemd.service, thing, restarted=True)
    assert log(box) == ["started", "reloaded", "started"]
    box.converge(systemd.service, thing, running=None, enabled=False)
    assert state(box) == ["active", "disabled"]
    box.converge(systemd.service, thing, running=False)
    assert box.evaluate(systemd.service, thing, running=None, restarted=True).steps == []
    box.apply(systemd.service, thing, command="kill")
    assert log(box).count("started") == 3


def test_an_alias(box: Booted, thing: str) -> None:
    box.converge(systemd.service, thing, enabled=True)
    box.converge(systemd.service, "thing-too", enabled=True)
    assert box.fact(SystemdStatus, services="thing-too") == {"thing.service": True}


def test_a_unit_that_is_new(box: Booted, thing: str) -> None:
    box.write("/etc/systemd/system/thing.timer", TIMER)
    box.apply(systemd.service, "thing.timer", enabled=True, daemon_reload=True)
    assert state(box, "thing.timer") == ["active", "enabled"]
    box.sh("sed -i s/1h/2h/ /etc/systemd/system/thing.timer")
    assert box.sh("systemctl show -p NeedDaemonReload thing.timer") == "NeedDaemonReload=yes\n"
    box.apply(systemd.daemon_reload)
    assert box.sh("systemctl show -p NeedDaemonReload thing.timer") == "NeedDaemonReload=no\n"
    box.converge(systemd.service, "thing.timer", running=False, enabled=False)


def test_instances(box: Booted, thing: str) -> None:
    box.write("/etc/systemd/system/thing-of@.service", UNIT.replace("Alias=thing-too.service\n", ""))
    box.sh("systemctl daemon-reload")
    name = "thing-of@example.org-1"
    box.converge(systemd.service, name, enabled=True)
    assert state(box, f"{name}.service") == ["active", "enabled"]
    box.converge(systemd.service, name, running=False, enabled=False)


def test_a_service_that_fails(box: Booted, thing: str) -> None:
    with pytest.raises(CommandFailed, match="none-such"):
        box.apply(systemd.service, "none-such")
    with pytest.raises(CommandFailed):
        box.apply(systemd.service, "none-such", running=None, enabled=True)
    assert box.evaluate(systemd.service, "none-such", running=False, enabled=False).steps == []
    box.sh("ln -s /dev/null /etc/systemd/system/thing-masked.service; systemctl daemon-reload")
    for wish in ({}, {"running": None, "enabled": True}):
        with pytest.raises(CommandFailed, match="masked"):
            box.apply(systemd.service, "thing-masked", **wish)
    box.sh("sed -i 's,^ExecStart=.*,Type=oneshot\\nExecStart=/bin/false,' /etc/systemd/system/thing.service; "
           "systemctl daemon-reload")  # fmt: skip
    with pytest.raises(CommandFailed, match="failed"):
        box.apply(systemd.service, thing)
    assert box.fact(SystemdStatus, services="thing") == {"thing.service": False}


def test_whatever_manages_services(box: Booted, thing: str) -> None:
    box.converge(server.service, thing, enabled=True)
    assert state(box) == ["active", "enabled"]
    box.converge(server.service, thing, running=False, enabled=False)


def test_everything_in_memory(box: Booted, thing: str) -> None:
    box.converge(systemd.service, thing)
    running, enabled = box.fact(SystemdStatus), box.fact(SystemdEnabled)
    assert running["thing.service"] is True
    assert running["systemd-journald.service"] is True
    assert enabled["thing.service"] is False
    assert enabled["systemd-journald.service"] is True, "static: it cannot but be started"


def test_a_users_own(box: Booted, thing: str) -> None:
    """Nobody is logged in: there is no manager that could be asked, and nothing can be started."""
    assert box.fact(SystemdStatus, user_mode=True) == {}
    with pytest.raises(OperationError, match="does not say what"):
        box.evaluate(systemd.service, thing, user_mode=True)


def test_the_name(box: Booted) -> None:
    box.converge(server.hostname, "web-1.example.net")
    assert box.sh("hostname; cat /etc/hostname") == "web-1.example.net\nweb-1.example.net\n"


def test_the_time_zone(box: Booted) -> None:
    if box.status("test -e /usr/share/zoneinfo/Europe/Paris"):
        pytest.skip("needs tzdata")
    box.converge(server.timezone, "Europe/Paris")
    assert box.fact(Timezone) == "Europe/Paris"
