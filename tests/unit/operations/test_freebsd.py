"""FreeBSD's packages, services, settings and updates: the commands, and what is refused."""

from __future__ import annotations

import pytest

from ropewalk.facts.freebsd import PkgPackage, ServiceScript, ServiceStatus, Sysrc
from ropewalk.model.command import Change
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.freebsd import freebsd_update, pkg, service, sysrc
from ropewalk.testing import evaluate


def texts(done):
    return [step if isinstance(step, Change) else str(step) for step in done.steps]


def test_updates():
    assert texts(evaluate(freebsd_update.update)) == [
        "env PAGER=cat freebsd-update --not-running-from-cron fetch install"
    ]
    done = evaluate(freebsd_update.update, force=True, basedir="/b", workdir="/w", conffile="/c", jail="j", key="k",
                    currently_running="14.1-RELEASE", server="s")  # fmt: skip
    assert texts(done) == [
        "env PAGER=cat freebsd-update --not-running-from-cron -F -b /b -d /w -f /c -j j -k k -s s "
        "--currently-running 14.1-RELEASE fetch install"
    ]


@pytest.mark.parametrize(
    ("operation", "kwargs", "command"),
    [
        (pkg.update, {}, "pkg update"),
        (pkg.update, {"jail": "a b", "force": True, "reponame": "r"}, "pkg -j 'a b' update -f -r r"),
        (pkg.upgrade, {"jail": "j", "force": True, "reponame": "r"}, "pkg -j j upgrade -y -f -r r"),
        (pkg.autoremove, {}, "pkg autoremove -y"),
        (pkg.autoremove, {"jail": "j"}, "pkg -j j autoremove -y"),
        (pkg.clean, {"all_pkg": True, "jail": "j"}, "pkg -j j clean -y -a"),
    ],
)
def test_what_pkg_does_every_time(operation, kwargs, command):
    assert texts(evaluate(operation, **kwargs)) == [command]
    assert not operation.is_idempotent


def test_packages():
    done = evaluate(pkg.install, "nginx", jail="j", reponame="r", facts={PkgPackage: None})
    assert texts(done) == [Change("nginx", None, "installed"), "pkg -j j install -y -r r -- nginx"]
    assert evaluate(pkg.install, "nginx", facts={PkgPackage: "nginx-1"}).noop == "nginx-1 is installed"
    done = evaluate(pkg.remove, "nginx", facts={PkgPackage: "nginx-1"})
    assert texts(done) == [Change("nginx", "nginx-1", None), "pkg remove -y -- nginx"]
    assert evaluate(pkg.remove, "nginx", facts={PkgPackage: None}).noop == "nginx is not installed"
    for name in ("", "a b"):
        with pytest.raises(OperationValueError):
            evaluate(pkg.install, name)


def serve(state, status=None, script="web", **kwargs):
    facts = {ServiceScript: script, ServiceStatus: status}
    return evaluate(service.service, "web", srvstate=state, facts=facts, **kwargs)


@pytest.mark.parametrize(
    ("state", "status", "kwargs", "steps"),
    [
        ("started", None, {}, [Change("web", "stopped", "started"), "service web onestart"]),
        ("started", "running", {}, []),
        ("stopped", "running", {"jail": "j"}, [Change("web", "started", "stopped"), "service -j j web onestop"]),
        ("stopped", None, {}, []),
        ("restarted", None, {"verbose": True}, ["service -v web onerestart"]),
        ("reloaded", "running", {"environment": ["A=b c"]}, ["service -E 'A=b c' web onereload"]),
        ("custom", None, {"command": "configtest"}, ["service web configtest"]),
        ("custom", None, {"command": ["a", "b c"]}, ["service web a 'b c'"]),
    ],
)
def test_services(state, status, kwargs, steps):
    assert texts(serve(state, status, **kwargs)) == steps


def test_a_service_that_is_not_there():
    assert serve("stopped", script=None).noop == "there is no service web"
    for state in ("started", "restarted"):
        with pytest.raises(OperationError, match="there is no service web"):
            serve(state, script=None)


@pytest.mark.parametrize(("state", "kwargs"), [("up", {}), ("custom", {}), ("started", {"command": "x"})])
def test_states_that_are_none(state, kwargs):
    with pytest.raises(OperationValueError):
        serve(state, **kwargs)


@pytest.mark.parametrize(
    ("before", "args", "kwargs", "after"),
    [
        (None, ("YES",), {}, "YES"),
        ("YES", ("YES",), {}, "YES"),
        ("NO", ("YES",), {}, "NO"),
        ("NO", ("YES",), {"overwrite": True}, "YES"),
        ("a b", ("b c",), {"command": "add"}, "a b c"),
        ("a b", ("b",), {"command": "add"}, "a b"),
        (None, ("b",), {"command": "add"}, "b"),
        ("a b", ("b",), {"command": "sub"}, "a"),
        ("a  b", ("c",), {"command": "sub"}, "a  b"),
        ("b", ("b",), {"command": "sub"}, ""),
        (None, ("b",), {"command": "sub"}, None),
    ],
)
def test_settings(before, args, kwargs, after):
    done = evaluate(sysrc.sysrc, "flags", *args, facts={Sysrc: before}, **kwargs)
    if after == before:
        assert (done.steps, bool(done.noop)) == ([], True)
    else:
        assert texts(done) == [Change("flags", before, after), f"sysrc -i -- {_word('flags=' + after)}"]


def _word(text):
    return f"'{text}'" if " " in text else text


def test_settings_are_deleted():
    done = evaluate(sysrc.sysrc, "flags", "", jail="j", command=sysrc.SYSRC_DEL, facts={Sysrc: "x"})
    assert texts(done) == [Change("flags", "x", None), "sysrc -j j -i -x -- flags"]
    assert evaluate(sysrc.sysrc, "flags", "", command="del", facts={Sysrc: None}).noop == "flags is not set"


@pytest.mark.parametrize(
    ("name", "command"), [("a b", "set"), ("-x", "set"), ("", "set"), ("a", "get"), ("a=b", "set")]
)
def test_settings_that_are_none(name, command):
    with pytest.raises(OperationValueError):
        evaluate(sysrc.sysrc, name, "x", command=command)
