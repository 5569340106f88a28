"""apt.packages, apt.update and the upgrades: which apt-get calls for which host."""

from __future__ import annotations

import pytest

from ropewalk.facts.apt_state import AptListsAge, AptListsLocked, AptPreview, DebLeftovers, DebOtherNames
from ropewalk.facts.deb import DebPackages
from ropewalk.model.command import Change, Raw, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations import apt
from ropewalk.testing import evaluate, fact_key

HAVE = {"a": {"1"}, "b": {"2.0", "1.0"}, "g++": {"4"}}
OTHER_NAMES = {"a:amd64": {"1"}, "mail-agent": set(), "virtual": {"1.0"}}
FORCE = ["--allow-downgrades", "--allow-remove-essential", "--allow-change-held-packages", "--allow-unauthenticated"]
UPDATE = sh("apt-get", "update", "-o", "APT::Update::Error-Mode=any")
TOUCH = sh("touch", "/var/lib/apt/periodic/update-success-stamp")


def get(*words, force=()):
    dpkg = [part for how in ("confdef", "confold") for part in ("-o", f"Dpkg::Options::=--force-{how}")]
    wait = ("-o", "DPkg::Lock::Timeout=300")
    return sh(Raw("DEBIAN_FRONTEND=noninteractive"), "apt-get", "-y", *force, *wait, *dpkg, *words)


def run(names, preview=None, leftovers=None, **how):
    facts = {DebPackages: HAVE, AptPreview: preview, DebLeftovers: leftovers or {}, DebOtherNames: OTHER_NAMES,
             AptListsLocked: False}  # fmt: skip
    return evaluate(apt.packages, names, facts=facts, **how)


@pytest.mark.parametrize(
    ("names", "how", "command"),
    [
        pytest.param("c", {}, get("install", "c"), id="missing"),
        pytest.param(["a", "c", "d=1"], {}, get("install", "c", "d=1"), id="only what is missing, in one call"),
        pytest.param(["a", "b", "g++"], {}, None, id="all there"),
        pytest.param(["b=2.0", "b=1.*"], {}, None, id="in these versions"),
        pytest.param(["a=2"], {}, get("install", "a=2"), id="in another version"),
        pytest.param(["a", "c"], {"latest": True}, get("install", "c", "a"), id="new and latest in one call"),
        pytest.param("a=1", {"latest": True}, None, id="a version stays"),
        pytest.param("c", {"no_recommends": True}, get("install", "--no-install-recommends", "c"), id="no_recommends"),
        pytest.param("c=0", {"allow_downgrades": True}, get("install", "--allow-downgrades", "c=0"), id="downgrades"),
        pytest.param("c", {"force": True}, get("install", "c", force=FORCE), id="force"),
        pytest.param(
            "c", {"extra_install_args": "-t x -o 'A=b c'"}, get("install", "-t", "x", "-o", "A=b c", "c"), id="more"
        ),
        pytest.param(["a", "c"], {"present": False}, get("remove", "a"), id="removed"),
        pytest.param("a=1", {"present": False}, get("remove", "a"), id="removed by name"),
        pytest.param("c", {"present": False}, None, id="not there to remove"),
        pytest.param(["mail-agent", "virtual=1.*"], {}, None, id="provided by what is there"),
        pytest.param(["mail-agent=1"], {}, get("install", "mail-agent=1"), id="provided without a version"),
        pytest.param(["mail-agent"], {"present": False}, None, id="what is only provided is not removed"),
        pytest.param(["a:amd64", "a:amd64=1"], {}, None, id="of this architecture"),
        pytest.param("a:i386", {}, get("install", "a:i386"), id="of another architecture"),
        pytest.param("a:amd64", {"present": False}, get("remove", "a:amd64"), id="removed of this architecture"),
        pytest.param("a", {"present": False, "purge": True}, get("purge", "a"), id="purged"),
        pytest.param(
            "a", {"present": False, "force": True, "extra_uninstall_args": "--autoremove"},
            get("remove", "--autoremove", "a", force=FORCE), id="removed by force",
        ),
    ],
)  # fmt: skip
def test_one_call(names, how, command):
    done = run(names, **how)
    assert [step for step in done.steps if not isinstance(step, Change)] == ([command] if command else [])
    assert bool(done.noop) == (command is None)


def test_what_an_earlier_removal_left_is_purged():
    left = {"old": ["1"]}
    assert run("old", leftovers=left, present=False, purge=True).steps[-1] == get("purge", "old")
    assert run("old", leftovers=left, present=False).steps == []


@pytest.mark.parametrize("present", [True, False])
@pytest.mark.parametrize("name", ["a:any", "a/stable", "./a.deb", "/tmp/a.deb", "a*", "a-", "task^"])
def test_names_that_only_apt_can_read_are_left_to_it(name, present):
    action = "install" if present else "remove"
    command = get(action, name)
    assert run(name, preview=[], present=present).steps == []
    key = fact_key(AptPreview, command=command.render())
    step = {"name": "a", "before": "1", "after": "2"}
    done = evaluate(apt.packages, name, present=present, facts={DebPackages: HAVE, key: [step]})
    assert done.steps == [Change("a", "1", "2"), command]


def test_latest_is_no_change_when_apt_has_nothing_newer():
    assert run("a", latest=True, preview=[]).steps == []


def test_what_apt_would_do_is_what_the_plan_shows():
    would = [{"name": "c", "before": None, "after": "1"}, {"name": "lib", "before": None, "after": "3"}]
    assert run("c", preview=would).steps == [Change("c", None, "1"), Change("lib", None, "3"), get("install", "c")]


@pytest.mark.parametrize("name", ["a;reboot", "$(reboot)", "`reboot`", "a'b", 'a"b', "a|b", "a&b", "a>b"])
def test_hostile_names_stay_one_word(name):
    assert run(name).steps[-1] == get("install", name)


@pytest.mark.parametrize("name", ["--purge", "", "a b", "a\nb", "https://example.org/a.deb"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(OperationValueError):
        run([name])


def test_update_and_upgrade_come_first():
    done = run("c", update=True, upgrade=True)
    assert done.steps == [UPDATE, get("upgrade"), Change("c", None, "installed"), get("install", "c")]


def test_update_alone_reads_no_packages():
    done = run(None, update=True)
    assert done.steps == [UPDATE]
    assert done.asked == [AptListsLocked]


def test_no_packages_is_nothing_to_do():
    assert run([]).noop == "no packages are named"


@pytest.mark.parametrize(
    ("cache_time", "age", "steps"),
    [
        pytest.param(None, None, [UPDATE], id="every time"),
        pytest.param(0, None, [UPDATE], id="zero: every time"),
        pytest.param(60, None, [UPDATE, TOUCH], id="never, or before the sources changed"),
        pytest.param(60, 59, [], id="fresh"),
        pytest.param(60, 60, [UPDATE, TOUCH], id="stale"),
        pytest.param(60, -5, [UPDATE, TOUCH], id="from the future"),
    ],
)
def test_update(cache_time, age, steps):
    done = evaluate(apt.update, cache_time, facts={AptListsAge: age, AptListsLocked: False})
    assert done.steps == steps
    assert bool(done.noop) == (not steps)
    assert run(None, update=True).steps == [UPDATE]


def test_update_waits_for_another_one():
    wait, *others = evaluate(apt.update, facts={AptListsLocked: True}).steps
    assert "sleep" in str(wait)
    assert others == [UPDATE]


def test_a_negative_cache_time_is_refused():
    with pytest.raises(OperationValueError, match="seconds"):
        evaluate(apt.update, -1)


@pytest.mark.parametrize(("op", "action"), [(apt.upgrade, "upgrade"), (apt.dist_upgrade, "dist-upgrade")])
@pytest.mark.parametrize(("auto_remove", "options"), [(False, []), (True, ["--autoremove"])])
def test_upgrades(op, action, auto_remove, options):
    command = get(action, *options)
    would = {fact_key(AptPreview, command=command.render()): [{"name": "a", "before": "1", "after": None}]}
    assert evaluate(op, auto_remove, facts=would).steps == [Change("a", "1", None), command]
    assert evaluate(op, auto_remove, facts={AptPreview: None}).steps == [command]
    assert evaluate(op, auto_remove, facts={AptPreview: []}).noop == "there is nothing to upgrade"
