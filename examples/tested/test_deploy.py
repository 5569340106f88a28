"""Tests of the deploy on hosts that do not exist. Run them with ``pytest``."""

from ropewalk import run
from ropewalk.facts.server import Which
from ropewalk.testing import FakeHost, fact_command, fake_inventory

WHICH = fact_command(Which, command="appctl")
INSTALLED = {WHICH: "/usr/bin/appctl"}


def deploy(**hosts):
    return run("deploy.py", fake_inventory(hosts, {"workers": 8}))


def test_a_new_host_gets_everything():
    new = FakeHost({WHICH: ["", {"output": "/usr/bin/appctl", "after": "install-app"}]})
    assert deploy(new=new).ok
    assert new.ran("re:^(install-app|appctl)") == ["install-app --version 4", "appctl check", "appctl restart"]
    assert new.files["/etc/app/settings.ini"].content == b"workers = 8\n"
    assert new.files["/etc/app/settings.ini"].owner == "app"


def test_nothing_is_installed_twice():
    old = FakeHost(INSTALLED)
    assert deploy(old=old).ok
    assert old.ran("install-app") == []


def test_settings_that_cannot_be_read_restart_nothing():
    hosts = {"bad": FakeHost({**INSTALLED, "appctl check": 1}), "good": FakeHost(INSTALLED)}
    assert deploy(**hosts).failed_hosts() == ["bad"]
    assert hosts["bad"].ran("appctl restart") == []
    assert hosts["good"].ran("appctl restart") == ["appctl restart"]


def test_a_restart_may_take_three_attempts_but_not_four():
    assert deploy(slow=FakeHost({**INSTALLED, "appctl restart": [1, 1, 0]})).ok
    assert not deploy(broken=FakeHost({**INSTALLED, "appctl restart": 1})).ok


def test_a_thousand_hosts_of_which_some_cannot_be_reached():
    hosts = {f"web{number}": {"fake_answers": INSTALLED, "fake_failure": "refuse", "fake_failure_rate": 0.02}
             for number in range(1000)}  # fmt: skip
    result = deploy(**hosts)
    assert 0 < len(result.failed_hosts()) < 50
