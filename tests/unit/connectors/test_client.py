"""What is made of what client programs say."""

from __future__ import annotations

import pytest

from ropewalk.connectors.client import Ran
from ropewalk.connectors.docker.owner import is_gone, ourselves


@pytest.mark.parametrize(
    "stderr",
    [
        "sh: 1: exec: docker: not found\n",
        "sh: line 1: exec: docker: not found\n",
        "bash: docker: command not found\n",
        "docker: not found\n",
        "zsh:1: command not found: docker\n",
    ],
)
def test_shells_say_that_a_program_is_missing(stderr: str) -> None:
    assert Ran(127, "", stderr).has_no("docker")
    assert not Ran(127, "", stderr).has_no("podman")
    assert not Ran(1, "", stderr).has_no("docker")


@pytest.mark.parametrize(
    "stderr",
    [
        'docker: Error response from daemon: exec: "tail": executable file not found in $PATH: unknown.\n',
        "chroot: failed to run command '/bin/sh': No such file or directory\n",
        "",
    ],
)
def test_that_a_program_does_not_find_another_is_not_that_it_is_missing(stderr: str) -> None:
    ran = Ran(127, "", stderr)
    assert not ran.has_no("docker")
    assert not ran.has_no("chroot")


@pytest.mark.parametrize(
    ("stdout", "stderr", "message"),
    [
        ("", "warning: x\nreal reason\n\n", "real reason"),
        ("", "docker: no such image\n\nRun 'docker run --help' for more information\n", "docker: no such image"),
        ("", "docker: no such image\nSee 'docker run --help'.\n", "docker: no such image"),
        ("", "the reason\nError: failed to start containers: abc\n", "the reason"),
        ("said here\n", "\n", "said here"),
        ("", "", "exit status 9"),
    ],
)
def test_the_message_is_the_last_line_that_says_something(stdout: str, stderr: str, message: str) -> None:
    assert Ran(9, stdout, stderr).message == message


def test_who_lives_is_not_gone_and_of_others_nothing_is_known() -> None:
    boot, _, rest = ourselves().partition(":")
    pid = rest.partition(":")[0]
    assert not is_gone(ourselves())
    assert is_gone(f"{boot}:{pid}:0")  # another process with this number
    assert not is_gone(f"another-{boot}:{pid}:0")
    assert not is_gone("nonsense")
