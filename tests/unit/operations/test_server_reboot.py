"""server.reboot: the host has to come back, and to have started anew."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field

import pytest

from ropewalk.api import Call, OperationError, OperationValueError
from ropewalk.api.host import CommandOutput
from ropewalk.api.runner import Line
from ropewalk.model.errors import AuthenticationFailed, ConnectError
from ropewalk.operations import server
from ropewalk.operations.server.reboot import Restart
from ropewalk.testing import evaluate


@dataclass
class Machine:
    """A host whose life is scripted: for each attempt to connect an error, or the start it is found in."""

    attempts: list
    boot: str = "first"
    name: str = "web1"
    log: list = field(default_factory=list)
    now: float = 0.0

    def connect(self, **_):
        outcome = self.attempts.pop(0) if len(self.attempts) > 1 else self.attempts[0]
        self.log.append("connect")
        if isinstance(outcome, Exception):
            raise outcome
        self.boot = outcome

    def disconnect(self):
        self.log.append("disconnect")

    def run_shell_command(self, command):
        return bool(self.boot), CommandOutput([Line("stdout", self.boot), Line("stderr", "no such file")])

    def sleep(self, seconds):
        self.now += seconds
        self.log.append(seconds)

    def restart(self, **kwargs):
        times = {"delay": 10, "interval": 1, "timeout": 5, **kwargs}
        return Restart(self, **times, clock=lambda: self.now, sleep=self.sleep)


def test_it_remembers_restarts_and_waits():
    before, command, after = evaluate(server.reboot, delay=1, interval=2, reboot_timeout=3).steps
    assert isinstance(before, Call)
    assert isinstance(after, Call)
    restart = after.function.__self__
    assert before.function.__self__ is restart
    assert (restart.delay, restart.interval, restart.timeout, restart.host.name) == (1, 2, 3, "test")
    assert "reboot" in command.render()


def test_the_defaults_are_those_of_old():
    restart = evaluate(server.reboot).steps[2].function.__self__
    assert (restart.delay, restart.interval, restart.timeout) == (10, 1, 300)


@pytest.mark.parametrize("name", ["delay", "interval", "reboot_timeout"])
def test_times_are_not_negative(name):
    with pytest.raises(OperationValueError, match=f"{name} must not be negative"):
        evaluate(server.reboot, **{name: -1})


def test_the_command_runs_in_the_background_and_ends_at_once(tmp_path):
    (tmp_path / "reboot").write_text("#!/bin/sh\n: > rebooted\n")
    (tmp_path / "reboot").chmod(0o755)
    (tmp_path / "sleep").write_text("#!/bin/sh\ntouch slept; exit 0\n")
    (tmp_path / "sleep").chmod(0o755)
    command = evaluate(server.reboot).steps[1].render()
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    script = f"{command}\necho $?; wait"
    done = subprocess.run(["sh", "-c", script], env=env, cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == b"0\n"
    assert (tmp_path / "slept").exists()
    assert (tmp_path / "rebooted").exists()


def test_a_host_without_the_command_fails_at_once(tmp_path):
    command = evaluate(server.reboot).steps[1].render()
    done = subprocess.run(["/bin/sh", "-c", command], env={"PATH": str(tmp_path)}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (127, b"there is no reboot command\n")


@pytest.mark.parametrize(
    ("attempts", "log"),
    [
        pytest.param(["second"], [10, "disconnect", "connect"], id="back at the first attempt"),
        pytest.param(
            [ConnectError("refused"), AuthenticationFailed("booting"), "second"],
            [10, "disconnect", "connect", 1, "disconnect", "connect", 1, "disconnect", "connect"],
            id="out of reach, then not ready, then back",
        ),
        pytest.param(
            ["first", "second"],
            [10, "disconnect", "connect", 1, "disconnect", "connect"],
            id="not even gone, then back",
        ),
    ],
)
def test_it_waits_until_the_host_has_started_anew(attempts, log):
    machine = Machine(attempts)
    restart = machine.restart()
    restart.remember()
    restart.wait_until_back()
    assert machine.log == log


@pytest.mark.parametrize(
    ("attempt", "reason"),
    [(ConnectError("refused"), "refused"), ("first", "it has not restarted"), ("", "cannot tell")],
)
def test_a_host_that_does_not_come_back_fails(attempt, reason):
    machine = Machine([attempt])
    restart = machine.restart()
    restart.remember()
    with pytest.raises(OperationError, match=f"web1 is not back after 15 seconds: .*{reason}"):
        restart.wait_until_back()
    assert machine.now == 15


def test_a_host_that_cannot_tell_its_start_is_not_restarted():
    with pytest.raises(OperationError, match="cannot tell when web1 was started: no such file"):
        Machine(["x"], boot="").restart().remember()
