"""What somebody sees who presses Ctrl-C: at once, that it was seen; at the second one, the end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.e2e_run import PROGRAM, Running
from support.e2e_terminal import CTRL_C, Terminal
from support.sshd import Sshd

HEAD = "import time\nfrom pathlib import Path\nfrom ropewalk.operations import server\n"
BEFORE = 'server.shell(name="before", commands=["true"])\n'
LONG = BEFORE + 'server.shell(name="long", commands=["echo $$ > {began}; exec sleep 600"])\n'
BLOCKED = BEFORE + 'Path("{began}").touch()\ntime.sleep(600)\n'
#: It cannot be cancelled either: the next thing it does is to sleep again.
STUBBORN = (
    BEFORE
    + """
def sleep():
    try:
        time.sleep(600)
    except BaseException:
        Path("{began}").touch()
        sleep()

Path("{began}").touch()
sleep()
"""
)
SEEN = "commands on the hosts are being ended; Ctrl-C again leaves at once"


def _start(folder: Path, deploy: str, *words: str, **options: Any) -> tuple[Running, Path]:
    began = folder / "began"
    (folder / "deploy.py").write_text(HEAD + deploy.format(began=began))
    return Running([*words, "deploy.py"], cwd=folder, **options), began


@pytest.mark.parametrize(
    ("number", "status", "says"),
    [
        (signal.SIGINT, 130, "stopping: "),
        (signal.SIGTERM, 143, "terminating: "),
        (signal.SIGHUP, 143, "terminating: "),
    ],
)
def test_the_first_signal_is_answered_at_once(tmp_path: Path, number: int, status: int, says: str) -> None:
    running, began = _start(tmp_path, LONG, "-y", "--json", "@local")
    with running:
        running.until(began.exists, "the command runs")
        running.interrupt(number)
        ended = running.wait(within=20).must(status)
    assert ended.stderr.strip() == says + SEEN
    outcomes = {entry["name"]: entry["hosts"]["@local"]["outcome"] for entry in ended.document["operations"]}
    assert outcomes == {"before": "changed", "long": "cancelled"}


@pytest.mark.parametrize("words", [["-y"], ["-y", "--no-plan"], ["-y", "--json"]])
def test_the_first_ends_deploy_code_that_blocks_everything_else(tmp_path: Path, words: list[str]) -> None:
    running, began = _start(tmp_path, BLOCKED, *words, "@local")
    with running:
        running.until(began.exists, "the deploy blocks")
        running.interrupt()
        ended = running.wait(within=20).must(130)
    assert f"stopping: {SEEN}" in ended.stderr
    assert "Traceback" not in ended.stderr
    if "--json" in words:
        assert ended.document["hosts"]["@local"]["status"] == "cancelled"


def test_a_hung_up_terminal_does_not_matter_to_nohup(tmp_path: Path) -> None:
    running, began = _start(
        tmp_path,
        'server.shell(name="long", commands=["echo > {began}; until test -e {began}.go; do sleep 0.1; done"])\n',
        "-y", "@local", program=["nohup", *PROGRAM],
    )  # fmt: skip
    with running:
        running.until(began.exists, "the command runs")
        running.interrupt(signal.SIGHUP)
        Path(f"{began}.go").touch()
        running.wait(within=20).must(0)


def test_it_is_answered_while_deploy_code_will_not_end(tmp_path: Path) -> None:
    with Terminal() as terminal:
        running, began = _start(
            tmp_path, STUBBORN, "-y", "@local", program=[*Terminal.login, *PROGRAM], terminal=terminal.descriptor
        )
        with running:
            running.until(began.exists, "the deploy blocks")
            terminal.write(CTRL_C)
            running.says(f"stopping: {SEEN}")
            terminal.write(CTRL_C)
            ended = running.wait(within=20).must(130)
    assert "Interrupted" in ended.stderr


def test_nothing_is_said_to_be_ended_while_a_question_is_asked(tmp_path: Path) -> None:
    with Terminal() as terminal:
        running, _ = _start(tmp_path, LONG, "@local", program=[*Terminal.login, *PROGRAM], terminal=terminal.descriptor)
        with running:
            running.says("Apply these changes?")
            terminal.write(CTRL_C)
            ended = running.wait(within=20).must(130)
    assert SEEN not in ended.stderr
    assert "\nInterrupted; nothing was applied" in ended.stderr


@pytest.mark.parametrize("words", [["-y"], ["-y", "--json"]])
def test_the_second_leaves_although_nothing_answers(
    tmp_path: Path, new_sshd: Callable[..., Sshd], data: Callable[..., dict[str, Any]], words: list[str]
) -> None:
    server = new_sshd()
    there = data(server, ssh_strict_host_key_checking="accept-new")
    (tmp_path / "inventory.py").write_text(f"hosts = [('box', {there!r})]\n")
    running, began = _start(tmp_path, LONG, *words, "inventory.py")
    with running:
        running.until(began.exists, "the command runs")
        frozen = server.freeze_connections()
        running.interrupt()
        running.says(f"stopping: {SEEN}")
        assert not running.ended
        running.interrupt()
        ended = running.wait(within=5).must(130)
        os.kill(int(began.read_text()), signal.SIGKILL)  # nobody else was able to
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    if "--json" not in words:
        assert "Interrupted" in ended.stderr
        assert "cancelled    long" in ended.stderr
        return
    document = ended.document
    assert document["hosts"]["box"]["status"] == "cancelled"
    outcomes = {entry["name"]: entry["hosts"]["box"]["outcome"] for entry in document["operations"]}
    assert outcomes == {"before": "changed", "long": "cancelled"}
