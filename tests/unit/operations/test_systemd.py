"""systemd.service and systemd.daemon_reload: the commands for each state a unit can be in."""

from __future__ import annotations

import pytest

from ropewalk.facts.server import Which
from ropewalk.facts.systemd import SystemdEnabled, SystemdStatus
from ropewalk.model.command import Change, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import systemd
from ropewalk.operations.systemd import unit_name
from ropewalk.testing import evaluate, fact_key

STARTED, STOPPED = Change("x.service", "stopped", "running"), Change("x.service", "running", "stopped")
ENABLED, DISABLED = (Change("x.service at boot", *way) for way in (("disabled", "enabled"), ("enabled", "disabled")))


def do(verb, unit="x.service"):
    return sh("systemctl", verb, "--", unit)


def run(up=True, boot=True, **wish):
    facts = {SystemdStatus: {"x.service": up}, SystemdEnabled: {"x.service": boot}}
    return evaluate(systemd.service, "x", facts=facts, **wish)


@pytest.mark.parametrize(
    ("up", "wish", "steps"),
    [
        (True, {}, []),
        (False, {}, [STARTED, do("start")]),
        (True, {"running": False}, [STOPPED, do("stop")]),
        (False, {"running": False}, []),
        (True, {"restarted": True}, [do("restart")]),
        (False, {"restarted": True}, [STARTED, do("start")]),
        (True, {"reloaded": True}, [do("reload")]),
        (False, {"reloaded": True}, [STARTED, do("start")]),
        (True, {"restarted": True, "reloaded": True}, [do("restart")]),
        (True, {"running": None, "restarted": True}, [do("restart")]),
        (False, {"running": None, "restarted": True}, []),
        (True, {"command": "kill"}, [do("kill")]),
        (False, {"command": "kill"}, [STARTED, do("start"), do("kill")]),
        (False, {"running": None, "command": "reset-failed"}, [do("reset-failed")]),
    ],
)
def test_running(up, wish, steps):
    done = run(up, **wish)
    assert done.steps == steps
    assert bool(done.noop) == (not steps)


@pytest.mark.parametrize(
    ("boot", "enabled", "steps"),
    [
        (True, True, []),
        (False, True, [ENABLED, do("enable")]),
        (True, False, [DISABLED, do("disable")]),
        (False, False, []),
        (False, None, []),
    ],
)
def test_enabled(boot, enabled, steps):
    assert run(True, boot, enabled=enabled).steps == steps


def test_only_what_matters_is_read():
    assert run(enabled=None).asked == [SystemdStatus]
    assert run(running=None, enabled=True).asked == [SystemdEnabled]


@pytest.mark.parametrize("also", [{"restarted": True}, {"reloaded": True}])
def test_a_service_cannot_be_stopped_and_restarted(also):
    with pytest.raises(OperationValueError, match="cannot be stopped and re"):
        run(running=False, **also)


def test_daemon_reload_comes_first():
    assert run(False, daemon_reload=True).steps == [sh("systemctl", "daemon-reload"), STARTED, do("start")]


@pytest.mark.parametrize(
    ("where", "options"),
    [
        ({}, []),
        ({"user_mode": True}, ["--user"]),
        ({"machine": "m"}, ["--machine=m"]),
        ({"user_name": "u"}, ["--machine=u@.host"]),
        ({"user_name": "u", "machine": "m"}, ["--machine=u@m"]),
        ({"user_mode": True, "user_name": "u"}, ["--user", "--machine=u@.host"]),
    ],
)
def test_whose_systemd(where, options):
    place = {"user_mode": False, "machine": None, "user_name": None, **where}
    asked = fact_key(SystemdStatus, services=["x.service"], **place)
    done = evaluate(systemd.service, "x", facts={asked: {"x.service": False}}, **where)
    assert done.steps == [STARTED, sh("systemctl", *options, "start", "--", "x.service")]
    assert evaluate(systemd.daemon_reload, **where).steps == [sh("systemctl", *options, "daemon-reload")]


@pytest.mark.parametrize(
    ("name", "unit"),
    [("a", "a.service"), ("a.service", "a.service"), ("a.timer", "a.timer"), ("a.b", "a.b.service"),
     ("a@x.y", "a@x.y.service"), ("service", "service.service"), ("-.mount", "-.mount"), ("-x", "-x.service")],
)  # fmt: skip
def test_unit_names(name, unit):
    assert unit_name(name) == unit


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "../x", "x*"])
def test_what_is_no_unit_is_refused(name):
    with pytest.raises(OperationValueError):
        unit_name(name)


def test_an_alias_has_the_state_of_its_unit():
    facts = {SystemdStatus: {"ssh.service": True}, SystemdEnabled: {"ssh.service": True}}
    assert evaluate(systemd.service, "sshd", enabled=True, facts=facts).steps == []


@pytest.mark.parametrize(("program", "message"), [(None, "not installed"), ("/bin/systemctl", "does not say")])
@pytest.mark.parametrize("running", [True, False])
def test_a_host_without_systemd_is_an_error(program, message, running):
    with pytest.raises(OperationError, match=message):
        evaluate(systemd.service, "x", running=running, facts={SystemdStatus: {}, Which: program})
