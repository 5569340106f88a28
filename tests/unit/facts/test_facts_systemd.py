"""Facts about units of systemd: recorded output of systemctl, and the command for each argument."""

from __future__ import annotations

import pytest
from fact_reader import ReadFailed

from ropewalk.facts.systemd import SystemdEnabled, SystemdStatus


def _show(key, states):
    return "\n".join(f"Id={unit}\n{key}={state}\n" for unit, state in states)


@pytest.mark.parametrize(
    ("unit", "state", "runs"),
    [
        ("a.service", "running", True),
        ("a.service", "exited", True),
        ("a.service", "dead", False),
        ("a.service", "failed", False),
        ("a.service", "auto-restart", False),
        ("a.service", "start", False),
        ("a.socket", "listening", True),
        ("a.socket", "running", True),
        ("a.timer", "waiting", True),
        ("a.timer", "elapsed", False),
        ("a.path", "waiting", True),
        ("-.mount", "mounted", True),
        ("f\\x2dg@h.mount", "mounted", True),
        ("a.automount", "waiting", True),
        ("a.slice", "active", False),
        ("a.device", "plugged", False),
        ("a.service", "", False),
    ],
)
def test_what_runs(process, unit, state, runs):
    assert process(SystemdStatus, _show("SubState", [(unit, state), ("z.service", "dead")])) == {
        unit: runs,
        "z.service": False,
    }


@pytest.mark.parametrize(
    ("state", "starts"),
    [("enabled", True), ("static", True), *((state, False) for state in (
        "disabled", "masked", "linked", "enabled-runtime", "indirect", "generated", "transient", "alias", "bad", ""))],
)  # fmt: skip
def test_what_starts_by_itself(process, state, starts):
    assert process(SystemdEnabled, _show("UnitFileState", [("a.service", state)])) == {"a.service": starts}


def test_properties_in_any_order(process):
    assert process(SystemdStatus, "SubState=running\nId=a.service\n\nId=\nSubState=running\n\nId=b.service\n") == {
        "a.service": True,
        "b.service": False,
    }
    assert SystemdStatus.default() == {}


SHOW = "systemctl{} show --all --property Id --property SubState -- {}"


@pytest.mark.parametrize(
    ("kwargs", "command"),
    [
        ({}, SHOW.format("", "'*'")),
        ({"services": "ssh"}, SHOW.format("", "ssh")),
        ({"services": ["ssh", "-.mount", "a b"]}, SHOW.format("", "ssh -.mount 'a b'")),
        ({"services": []}, "true"),
        ({"machine": "m"}, SHOW.format(" --machine=m", "'*'")),
        ({"user_name": "u"}, SHOW.format(" --machine=u@.host", "'*'")),
        ({"user_name": "u", "machine": "m"}, SHOW.format(" --machine=u@m", "'*'")),
    ],
)
def test_commands(kwargs, command):
    assert SystemdStatus().command(**kwargs).render() == command
    assert SystemdEnabled().command(**kwargs).render() == command.replace("SubState", "UnitFileState")
    assert SystemdStatus().requires_command(**kwargs) == "systemctl"


@pytest.mark.parametrize(
    ("kwargs", "flags"),
    [
        ({}, " --user"),
        ({"user_name": "u"}, " --user --machine=u@.host"),
        ({"machine": "m"}, " --user --machine=m"),
        ({"user_name": "u", "machine": "m"}, " --user --machine=u@m"),
    ],
)
def test_commands_that_ask_a_users_manager(kwargs, flags):
    command = SystemdStatus().command(user_mode=True, services=["a"], **kwargs).render()
    assert SHOW.format(flags, "a") in command


@pytest.mark.parametrize(
    "message",
    [
        "Failed to connect to bus: No medium found",
        "Failed to connect to user scope bus via local transport: No such file or directory",
        "Failed to list units: Transport endpoint is not connected",
    ],
)
def test_a_user_without_a_manager_has_no_units(read, tmp_path, message):
    _systemctl(tmp_path, f"echo '{message}' >&2; exit 1")
    read.env["PATH"] = f"{tmp_path}:{read.env['PATH']}"
    assert read(SystemdStatus, user_mode=True) == {}
    with pytest.raises(ReadFailed, match=message):
        read(SystemdStatus)


def test_a_manager_that_refuses_is_an_error(read, tmp_path):
    _systemctl(tmp_path, "echo 'Access denied' >&2; exit 1")
    read.env["PATH"] = f"{tmp_path}:{read.env['PATH']}"
    with pytest.raises(ReadFailed, match="Access denied"):
        read(SystemdStatus, user_mode=True)


def test_a_users_manager_that_answers(read, tmp_path):
    _systemctl(tmp_path, "printf 'Id=a.service\\nSubState=running\\n'")
    read.env["PATH"] = f"{tmp_path}:{read.env['PATH']}"
    assert read(SystemdStatus, user_mode=True) == {"a.service": True}


def _systemctl(directory, script):
    program = directory / "systemctl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
