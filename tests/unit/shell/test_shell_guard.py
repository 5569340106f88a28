"""The guard ends a command with all it started, and nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ropewalk.shell.guard import guard_script
from ropewalk.shell.process import Process, tell
from support.processes import eventually, runs
from support.shells import SHELLS, shell

PROC = ["/proc", "/there is no proc"]  # the latter: by ps


@pytest.fixture(params=SHELLS)
def sh(request: pytest.FixtureRequest) -> list[str]:
    return shell(request.param)


class Session:
    """A shell that reads commands from a pipe. What it started, and told of, is ended with it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(["sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.pid = self.process.pid
        self._told: list[int] = []

    def say(self, command: str, lines: int = 1) -> list[int]:
        """Send a command; return the numbers it writes, one a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n".encode())
        return [int(self.line()) for _ in range(lines)]

    def tell(self, command: str, lines: int) -> list[int]:
        """Send a command that writes the numbers of processes it starts; they end with the session."""
        numbers = self.say(command, lines)
        self._told += numbers
        return numbers

    def line(self) -> bytes:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def end(self) -> None:
        for pid in [self.pid, *self._told]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@contextmanager
def session() -> Iterator[Session]:
    made = Session()
    try:
        yield made
    finally:
        made.end()


def guard(
    sh: list[str], pid: int, word: bytes, *, itself: bool = False, proc: str = "/proc",
    born: str = "", meanwhile: Callable[[], object] = lambda: None,
) -> None:  # fmt: skip
    """Start a guard, and tell it something once it is ready."""
    process = subprocess.Popen(
        [*sh, "-c", guard_script(Process(pid, born), itself=itself, proc=proc)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    meanwhile()
    out, err = process.communicate(word)
    assert (out, err, process.returncode) == (b"", b"", 0)


TREE = "sh -c 'echo $$; sleep 991 & echo $!; setsid sleep 992 & echo $!; sh -c \"echo \\$\\$; sleep 993; :\"; :'"


@pytest.mark.parametrize("proc", PROC)
def test_all_processes_of_the_command_end(sh: list[str], proc: str) -> None:
    with session() as shell_:
        pids = shell_.tell(TREE, 4)
        assert all(map(runs, pids))
        guard(sh, shell_.pid, b"kill\n", proc=proc)
        assert eventually(lambda: not any(map(runs, pids)))
        assert shell_.say("echo $?") == [143]  # the shell itself goes on


@pytest.mark.parametrize("word", [b"", b"don", b"anything\n"])
def test_whatever_is_not_done_ends_the_command(word: bytes) -> None:
    with session() as shell_:
        pids = shell_.tell(TREE, 4)
        guard(["sh"], shell_.pid, word)
        assert eventually(lambda: not any(map(runs, pids)))


def test_done_ends_nothing(sh: list[str]) -> None:
    with session() as shell_:
        pids = shell_.tell(TREE, 4)
        guard(sh, shell_.pid, b"done\n")
        assert all(map(runs, pids))


@pytest.mark.parametrize("proc", PROC)
def test_the_process_itself_ends_if_asked_for(proc: str) -> None:
    with session() as shell_:
        pids = shell_.tell(TREE, 4)
        guard(["sh"], pids[0], b"kill\n", itself=True, proc=proc)
        assert eventually(lambda: not any(map(runs, pids)))
        assert runs(shell_.pid)


@pytest.mark.parametrize("used_again", [False, True])
def test_a_number_that_is_used_again_is_another_process(sh: list[str], used_again: bool, tmp_path: Path) -> None:
    with session() as shell_:
        [pid] = shell_.tell("sleep 994 & echo $!", 1)

        def write(born: int) -> None:
            for number, parent in ((shell_.pid, 1), (pid, shell_.pid)):
                (tmp_path / str(number)).mkdir(exist_ok=True)
                others = " ".join(["0"] * 17)
                (tmp_path / str(number) / "stat").write_text(f"{number} (x) S {parent} {others} {born} 0 0\n")

        write(1000)
        (tmp_path / "self").symlink_to(str(shell_.pid))
        guard(sh, shell_.pid, b"kill\n", proc=str(tmp_path), meanwhile=lambda: write(1000 + used_again))
        assert eventually(lambda: runs(pid) == used_again)


@pytest.mark.parametrize("another", [False, True])
def test_when_it_began_may_be_known_from_before(sh: list[str], another: bool) -> None:
    with session() as shell_:
        [pid] = shell_.tell("sleep 994 & echo $!", 1)
        began = Path(f"/proc/{shell_.pid}/stat").read_text().rpartition(")")[2].split()[19]
        guard(sh, shell_.pid, b"kill\n", born=str(int(began) - another))
        assert eventually(lambda: runs(pid) == another)


def test_a_shell_tells_which_process_it_is(sh: list[str]) -> None:
    script = f'set -- kept; {tell("MARK")}; echo "$#$1"; cat /proc/$$/stat'
    done = subprocess.run([*sh, "-c", script], capture_output=True, check=True)
    empty, told, unchanged, stat = done.stdout.split(b"\n", 3)
    fields = stat.rpartition(b")")[2].split()
    assert (empty, unchanged, done.stderr) == (b"", b"1kept", b"\nMARK\n")
    mark, _, words = told.partition(b" ")
    assert mark == b"MARK"
    assert Process.told(words) == Process(int(stat.split()[0]), fields[19].decode())


@pytest.mark.parametrize("words", [b"", b"x", b"1 x", b"1 2 3", b"\xff"])
def test_what_is_no_process_is_refused(words: bytes) -> None:
    with pytest.raises(ValueError):
        Process.told(words)


def test_the_first_process_is_never_meant(sh: list[str], tmp_path: Path) -> None:
    with session() as shell_:
        [pid] = shell_.tell("sleep 995 & echo $!", 1)
        for number, parent in ((1, 0), (pid, 1)):
            (tmp_path / str(number)).mkdir()
            (tmp_path / str(number) / "stat").write_text(f"{number} (x) S {parent} {' 0' * 17} 7 0 0\n")
        (tmp_path / "self").symlink_to("1")
        guard(sh, 1, b"kill\n", proc=str(tmp_path))
        assert runs(pid)


def test_daemons_of_earlier_commands_go_on(sh: list[str]) -> None:
    with session() as shell_:
        [daemon] = shell_.tell("sh -c 'sleep 994 >/dev/null & echo $!'", 1)
        [other] = shell_.tell("sh -c 'echo $$; sleep 995'", 1)
        guard(sh, shell_.pid, b"kill\n")
        assert eventually(lambda: not runs(other))
        assert runs(daemon)


def test_what_does_not_listen_is_killed(sh: list[str]) -> None:
    with session() as shell_:
        pids = shell_.tell("sh -c 'trap \"\" TERM; echo $$; sleep 996 & echo $!; while :; do sleep 1; done'", 2)
        guard(sh, shell_.pid, b"kill\n")
        assert eventually(lambda: not any(map(runs, pids)))


def test_what_tidies_up_is_given_the_time(sh: list[str]) -> None:
    with session() as shell_:
        shell_.tell("sh -c 'trap \"echo 77; exit\" TERM; echo $$; sleep 997 & wait'", 1)
        guard(sh, shell_.pid, b"kill\n")
        assert shell_.line() == b"77\n"


@pytest.mark.parametrize("proc", PROC)
@pytest.mark.parametrize("itself", [False, True])
def test_a_command_that_has_ended_is_no_trouble(sh: list[str], proc: str, itself: bool) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    guard(sh, ended.pid, b"kill\n", itself=itself, proc=proc)
    with session() as idle:
        guard(sh, idle.pid, b"kill\n", proc=proc)
        assert runs(idle.pid)


NAMED = """
import ctypes, sys, time
ctypes.CDLL(None).prctl(15, sys.argv[1].encode(), 0, 0, 0)
print(1, flush=True)
time.sleep(1000)
"""


@pytest.mark.parametrize("sh", [["dash"], ["busybox", "sh"]], ids=str)
@pytest.mark.parametrize("name", [") 1 x", ") S 1\t2\n", "*\n*", ")", "a b\n) 3", "\n\n", "("])
def test_names_of_other_programs_mislead_nobody(sh: list[str], name: str) -> None:
    if not shutil.which(sh[0]):
        pytest.skip(f"{sh[0]} is not installed")
    bystander = subprocess.Popen(["python3", "-c", NAMED, name], stdout=subprocess.PIPE)
    assert bystander.stdout is not None
    try:
        assert bystander.stdout.readline() == b"1\n"
        with session() as shell_:
            pids = shell_.tell(TREE, 4)
            guard(sh, shell_.pid, b"kill\n")
            assert eventually(lambda: not any(map(runs, pids)))
        assert runs(bystander.pid)
    finally:
        bystander.kill()
        bystander.communicate()


def test_a_program_with_such_a_name_ends_with_its_command(sh: list[str]) -> None:
    with session() as shell_:
        [parent] = shell_.tell(f"sh -c 'echo $$; python3 -c \"$0\" \") 1 x\n\" >/dev/null; :' '{NAMED}'", 1)
        children = Path(f"/proc/{parent}/task/{parent}/children")
        assert eventually(lambda: any(_comm(pid) == ") 1 x\n" for pid in children.read_text().split()))
        pids = [parent, *map(int, children.read_text().split())]
        guard(sh, shell_.pid, b"kill\n")
        assert eventually(lambda: not any(map(runs, pids)))


def _comm(pid: str) -> str:
    return Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")[0]
