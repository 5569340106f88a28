"""Services of each service manager: which commands bring them to a state, and what is refused."""

from __future__ import annotations

import pytest

from ropewalk.facts.bsdinit import RcdEnabled, RcdScript
from ropewalk.facts.files import Directory, File, FileContents, Link
from ropewalk.facts.launchd import LaunchdStatus
from ropewalk.facts.openrc import OpenrcEnabled, OpenrcService
from ropewalk.facts.runit import RunitStatus
from ropewalk.facts.server import Os, Which
from ropewalk.facts.sysvinit import InitLinks, InitScript
from ropewalk.facts.upstart import UpstartStatus
from ropewalk.model.command import Change, Diff, Upload, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import bsdinit, launchd, openrc, runit, server, sysvinit, upstart
from ropewalk.testing import evaluate, fact_key

STARTED, STOPPED = Change("x", "stopped", "running"), Change("x", "running", "stopped")
ENABLED, DISABLED = (Change("x at boot", *way) for way in (("disabled", "enabled"), ("enabled", "disabled")))
S_LINK = {"/etc/rc2.d/S01x": "../init.d/x"}
K_LINK = {"/etc/rc2.d/K01x": "../init.d/x"}


class Manager:
    """A service manager: its operation, the facts of a service, and its commands."""

    def __init__(self, operation, status, enabled, command):
        self.operation, self.status, self.enabled, self.command = operation, status, enabled, command

    def run(self, up=True, boot=True, facts=None, **wish):
        given = {self.status: {} if up is None else {"x": up == 1 if up in (0, 1) else None}}
        return evaluate(self.operation, "x", facts={**given, **self.enabled(boot), **(facts or {})}, **wish)


MANAGERS = {
    "openrc": Manager(
        openrc.service, OpenrcService, lambda boot: {OpenrcEnabled: {"x": boot}},
        lambda verb: {"enable": "rc-update add x default", "disable": "rc-update del x default"}.get(
            verb, f"rc-service x {verb}"
        ),
    ),
    "sysvinit": Manager(
        sysvinit.service, InitScript,
        lambda boot: {InitLinks: S_LINK if boot else K_LINK, fact_key(Which, command="update-rc.d"): "/sbin/u"},
        lambda verb: {"enable": "update-rc.d x defaults && update-rc.d x enable",
                      "disable": "update-rc.d x disable"}.get(verb, f"/etc/init.d/x {verb}"),
    ),
    "upstart": Manager(
        upstart.service, UpstartStatus, lambda boot: {FileContents: None if boot else ["manual"]},
        lambda verb: f"initctl {verb} x",
    ),
    "runit": Manager(
        runit.service, RunitStatus,
        lambda boot: {File: None if boot else {"mode": 644}, Link: {"link_target": "/etc/sv/x"}},
        lambda verb: {"enable": "rm -f -- /etc/sv/x/down", "disable": "touch -- /etc/sv/x/down"}.get(
            verb, f"env SVDIR=/var/service sv {verb} x"
        ),
    ),
}  # fmt: skip
UNKNOWN = 2  # neither up nor down
managers = pytest.mark.parametrize("manager", MANAGERS.values(), ids=MANAGERS)


def texts(steps):
    return [step if isinstance(step, Change) else str(step) for step in steps]


@managers
@pytest.mark.parametrize(
    ("up", "wish", "steps"),
    [
        (1, {}, []),
        (0, {}, [STARTED, "start"]),
        (1, {"running": False}, [STOPPED, "stop"]),
        (0, {"running": False}, []),
        (1, {"restarted": True}, ["restart"]),
        (0, {"restarted": True}, [STARTED, "start"]),
        (1, {"reloaded": True}, ["reload"]),
        (1, {"restarted": True, "reloaded": True}, ["restart"]),
        (0, {"running": None, "restarted": True}, []),
        (1, {"command": "rotate"}, ["rotate"]),
        (0, {"command": "rotate"}, [STARTED, "start", "rotate"]),
        (UNKNOWN, {}, [STARTED, "start"]),
        (UNKNOWN, {"running": False}, [STOPPED, "stop"]),
        (UNKNOWN, {"running": None, "restarted": True}, ["restart"]),
    ],
)
def test_running(manager, up, wish, steps):
    done = manager.run(up, **wish)
    assert texts(done.steps) == [step if isinstance(step, Change) else manager.command(step) for step in steps]
    assert bool(done.noop) == (not steps)


@pytest.mark.parametrize("manager", [MANAGERS[name] for name in ("openrc", "sysvinit", "runit")])
@pytest.mark.parametrize(
    ("boot", "enabled", "steps"),
    [(True, True, []), (False, True, [ENABLED, "enable"]), (True, False, [DISABLED, "disable"]), (False, False, []),
     (False, None, [])],
)  # fmt: skip
def test_enabled(manager, boot, enabled, steps):
    done = manager.run(1, boot, enabled=enabled)
    assert texts(done.steps) == [step if isinstance(step, Change) else manager.command(step) for step in steps]


@managers
def test_a_service_that_is_not_there(manager):
    with pytest.raises(OperationError, match="knows no service x") as raised:
        manager.run(None)
    assert "install" in raised.value.hint
    assert manager.run(None, running=False).steps == []
    assert manager.run(None, running=None, restarted=True).steps == []


@managers
def test_what_cannot_be(manager):
    with pytest.raises(OperationValueError, match="cannot be stopped and restarted"):
        manager.run(running=False, restarted=True)


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "../x", "-x", "x*", ".", "..", "a\0"])
@pytest.mark.parametrize("module", [bsdinit, launchd, openrc, runit, sysvinit, upstart])
def test_what_is_no_name_is_refused(module, name):
    with pytest.raises(OperationValueError, match="is not the name of a service"):
        evaluate(module.service, name)


def test_openrc_in_another_runlevel():
    facts = {OpenrcService: {"x": True}, fact_key(OpenrcEnabled, runlevel="boot"): {}}
    done = evaluate(openrc.service, "x", enabled=True, runlevel="boot", facts=facts)
    assert done.steps == [ENABLED, sh("rc-update", "add", "x", "boot")]
    with pytest.raises(OperationValueError):
        evaluate(openrc.service, "x", runlevel="--help")


@pytest.mark.parametrize(
    ("program", "enabled", "command"),
    [
        ("chkconfig", True, "chkconfig --add x && chkconfig x on"),
        ("chkconfig", False, "chkconfig x off"),
        ("rc-update", True, "rc-update add x default"),
        ("rc-update", False, "rc-update del x default"),
    ],
)
def test_init_scripts_elsewhere(program, enabled, command):
    facts = {InitScript: {"x": True}, InitLinks: {} if enabled else S_LINK, Which: None,
             fact_key(Which, command=program): f"/sbin/{program}"}  # fmt: skip
    assert str(evaluate(sysvinit.service, "x", enabled=enabled, facts=facts).steps[-1]) == command


def test_a_host_that_cannot_enable_init_scripts():
    with pytest.raises(OperationError, match=r"neither update-rc\.d nor chkconfig"):
        evaluate(sysvinit.service, "x", enabled=True, facts={InitScript: {"x": True}, InitLinks: {}, Which: None})


def links(have, **wish):
    return evaluate(sysvinit.enable, "x", facts={InitLinks: have}, **wish)


def test_links_are_made():
    done = links({}, start_levels=[2, 3], stop_levels=[0], start_priority=5)
    assert texts(done.steps) == [
        Change("/etc/rc0.d/K80x", None, "../init.d/x"),
        Change("/etc/rc2.d/S05x", None, "../init.d/x"),
        Change("/etc/rc3.d/S05x", None, "../init.d/x"),
        "mkdir -p -- /etc/rc0.d /etc/rc2.d /etc/rc3.d",
        'for f in /etc/rc0.d/K80x /etc/rc2.d/S05x /etc/rc3.d/S05x ; do ln -s ../init.d/x "$f" || exit 1; done',
    ]


@pytest.mark.parametrize("target", ["../init.d/x", "/etc/init.d/x"])
def test_links_that_are_right_stay(target):
    done = links({"/etc/rc2.d/S20x": target}, start_levels=[2], stop_levels=[])
    assert (done.steps, done.noop) == ([], "the links of x are as they should be")


@pytest.mark.parametrize(
    "wrong", [{"/etc/rc2.d/S30x": "../init.d/x"}, {"/etc/rc2.d/K20x": "../init.d/x"}, {"/etc/rc2.d/S20x": "../other"}]
)
def test_links_that_are_wrong_go(wrong):
    [path] = wrong
    done = links(wrong, start_levels=[2], stop_levels=[])
    assert texts(done.steps)[:2] == [Change(path, wrong[path], None), f"rm -f -- {path}"]
    assert "S20x" in texts(done.steps)[-1]


def test_links_in_other_runlevels_stay():
    assert links({"/etc/rc5.d/S30x": "../init.d/x", "/etc/rc2.d/S20x": "../init.d/x"}, start_levels=[2],
                 stop_levels=[]).steps == []  # fmt: skip


@pytest.mark.parametrize("wish", [{"start_priority": 100}, {"stop_priority": "x"}, {"start_levels": [7]},
                                  {"stop_levels": ["S"]}])  # fmt: skip
def test_priorities_and_runlevels_that_are_none(wish):
    with pytest.raises(OperationValueError, match=r"is not a priority|runlevels are"):
        links({}, **wish)


SCRIPT = ("set -- x ; f=; for d in /etc/rc.d /usr/local/etc/rc.d /usr/pkg/etc/rc.d; do "
          '[ -n "$f" ] || [ ! -x "$d/$1" ] || f=$d/$1; done; '
          "[ -n \"$f\" ] || { echo 'there is no service x' >&2; exit 1; }; \"$f\" ")  # fmt: skip


def bsd(system, up=True, boot=True, **wish):
    facts = {Os: system, RcdScript: {"x": up}, RcdEnabled: boot}
    return texts(evaluate(bsdinit.service, "x", facts=facts, **wish).steps)


@pytest.mark.parametrize(
    ("system", "start", "stop", "enable", "disable"),
    [
        ("FreeBSD", f"{SCRIPT}onestart", f"{SCRIPT}onestop", f"{SCRIPT}enable", f"{SCRIPT}disable"),
        ("DragonFly", f"{SCRIPT}onestart", f"{SCRIPT}onestop", "rcenable x", "rcdisable x"),
        ("OpenBSD", "rcctl -f start x", f"{SCRIPT}stop", "rcctl enable x", "rcctl disable x"),
    ],
)
def test_bsds(system, start, stop, enable, disable):
    assert bsd(system, up=False) == [STARTED, start]
    assert bsd(system, running=False) == [STOPPED, stop]
    assert bsd(system, boot=False, enabled=True) == [ENABLED, enable]
    assert bsd(system, enabled=False) == [DISABLED, disable]
    assert bsd(system, enabled=True) == []
    assert bsd(system, command="configtest") == [f"{SCRIPT}configtest"]


def test_netbsd_does_not_enable():
    with pytest.raises(OperationError, match="NetBSD has no command"):
        bsd("NetBSD", boot=False, enabled=True)


def test_launchd():
    def run(up, **wish):
        return texts(evaluate(launchd.service, "x", facts={LaunchdStatus: {"x": up}}, **wish).steps)

    assert run(True) == []
    assert run(False) == [STARTED, "launchctl start x"]
    assert run(True, running=False) == [STOPPED, "launchctl stop x"]
    assert run(True, restarted=True) == ["launchctl stop x && launchctl start x"]
    assert run(True, command="kill") == ["launchctl kill x"]
    with pytest.raises(OperationError, match="launchd knows no service"):
        evaluate(launchd.service, "x", facts={LaunchdStatus: {}})


@pytest.mark.parametrize(
    ("lines", "enabled", "after"),
    [
        (None, True, None),
        (None, False, ["manual"]),
        (["manual"], False, None),
        (["manual"], True, []),
        (["limit nofile 9", "manual "], True, ["limit nofile 9"]),
        (["limit nofile 9"], False, ["limit nofile 9", "manual"]),
        (["limit nofile 9"], True, None),
    ],
)
def test_upstart_at_boot(lines, enabled, after):
    done = evaluate(upstart.service, "x", enabled=enabled, facts={UpstartStatus: {"x": True}, FileContents: lines})
    change, *steps = done.steps or [None]
    if after is None:
        assert done.steps == []
    elif not after:
        assert (change, steps) == (ENABLED, [sh("rm", "-f", "--", "/etc/init/x.override")])
    else:
        assert change == (ENABLED if enabled else DISABLED)
        [diff, upload] = steps
        assert isinstance(diff, Diff)
        assert upload == Upload("".join(f"{line}\n" for line in after).encode(), "/etc/init/x.override",
                                None if lines else "644", None, None)  # fmt: skip


def test_upstart_is_not_asked_for_what_does_not_matter():
    done = evaluate(upstart.service, "x", running=None, enabled=True, facts={FileContents: None})
    assert done.noop


def managed(link, auto=True, directory=True, **wish):
    facts = {Link: link, Directory: {"mode": 755} if directory else None, File: None if auto else {"mode": 644},
             RunitStatus: {"x": True}}  # fmt: skip
    return texts(evaluate(runit.service, "x", facts=facts, **wish).steps)


LINKED = {"link_target": "/etc/sv/x"}
LINKING = [Change("/var/service/x", None, "/etc/sv/x"), "ln -sfn -- /etc/sv/x /var/service/x"]
WAITING = str(evaluate(runit.wait_runsv, "x").steps[0])
RUNNING = [Change("x", None, "running"), "env SVDIR=/var/service sv start x"]


@pytest.mark.parametrize(
    ("auto", "wish", "steps"),
    [
        (True, {}, [*LINKING, WAITING, *RUNNING]),
        (False, {}, [*LINKING, WAITING, *RUNNING]),
        (False, {"enabled": True}, [*LINKING, WAITING, ENABLED, "rm -f -- /etc/sv/x/down", *RUNNING]),
        (True, {"enabled": False}, [*LINKING, WAITING, DISABLED, "touch -- /etc/sv/x/down", *RUNNING]),
        (False, {"running": False}, [*LINKING, WAITING]),
        (True, {"running": False, "enabled": False}, [DISABLED, "touch -- /etc/sv/x/down", *LINKING, WAITING]),
        (False, {"running": None, "command": "hup"}, [*LINKING, WAITING, "env SVDIR=/var/service sv hup x"]),
    ],
)
def test_supervision_begins(auto, wish, steps):
    assert managed(None, auto, **wish) == steps


@pytest.mark.parametrize("wish", [{"running": False}, {"running": None}, {"running": False, "enabled": True}])
def test_a_service_that_should_not_run_does_not_start_when_it_is_linked(wish):
    change, command = managed(None, True, **wish)
    assert change == LINKING[0]
    assert command.startswith("touch -- /etc/sv/x/down && { ( ln -sfn -- /etc/sv/x /var/service/x && {")
    assert command.endswith("); status=$?; rm -f -- /etc/sv/x/down; (exit $status); }")


def test_supervision_ends():
    assert managed(LINKED, managed=False) == [Change("/var/service/x", "/etc/sv/x", None), "rm -f -- /var/service/x"]
    assert managed(LINKED, managed=False, enabled=False)[2:] == [DISABLED, "touch -- /etc/sv/x/down"]
    done = evaluate(runit.service, "x", managed=False, facts={Link: None})
    assert (done.steps, done.noop) == ([], "x is not supervised")


def test_a_link_that_leads_elsewhere_is_changed():
    facts = {Link: {"link_target": "/old"}}
    done = evaluate(runit.manage, "x", svdir="/s v", sourcedir="/d", facts=facts)
    assert texts(done.steps) == [Change("/s v/x", "/old", "/d/x"), "ln -sfn -- /d/x '/s v/x'"]


@pytest.mark.parametrize(("link", "managed"), [(LINKED, True), (None, False)])
def test_manage_has_nothing_to_do(link, managed):
    assert evaluate(runit.manage, "x", managed, facts={Link: link}).noop


def test_places_where_no_service_can_be_linked():
    with pytest.raises(OperationError, match="is not a link"):
        managed(False)
    with pytest.raises(OperationError, match="there is no directory /var/service"):
        managed(None, directory=False)


def test_auto():
    assert texts(evaluate(runit.auto, "x", facts={File: {"mode": 644}}).steps) == [ENABLED, "rm -f -- /etc/sv/x/down"]
    done = evaluate(runit.auto, "x", auto=False, sourcedir="/it's", facts={File: None})
    assert str(done.steps[1]) == "touch -- '/it'\"'\"'s/x/down'"
    assert evaluate(runit.auto, "x", facts={File: None}).noop


@pytest.mark.parametrize("timeout", [-1, "5", True, 1.5])
def test_waiting_takes_seconds(timeout):
    with pytest.raises(OperationValueError, match="is not a number of seconds"):
        evaluate(runit.wait_runsv, "x", timeout=timeout)


@pytest.mark.parametrize(
    ("directories", "svdir"), [(["/etc/service"], "/etc/service"), (["/service", "/var/service"], "/var/service")]
)
def test_server_service_finds_the_directory_of_runit(directories, svdir):
    class Facts(dict):
        def __contains__(self, key):
            return super().__contains__(key) or (isinstance(key, tuple) and key[0] is Directory)

        def __getitem__(self, key):
            if isinstance(key, tuple) and key[0] is Directory and key not in self.keys():
                return (
                    {"mode": 755} if any(f"'{name}'" in str(key[2]).replace('"', "") for name in directories) else None
                )
            return super().__getitem__(key)

    facts = Facts({Which: None, fact_key(Which, command="sv"): "/usr/bin/sv", Link: None, File: None, Os: "Linux"})
    done = evaluate(server.service, "x", facts=facts)
    assert f"{svdir}/x" in str(done.steps[1])
