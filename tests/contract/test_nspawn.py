"""Machines of systemd-nspawn, as users of ropewalk see them: with the real one."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from ropewalk.api.inventory import Inventory
from ropewalk.model.errors import InventoryError
from support.e2e_processes import below, never
from support.e2e_run import Ended, Running, run
from support.machines import install_machinectl, nspawn_why_not
from support.processes import runs
from support.small_root import small_root

needs_nspawn = pytest.mark.skipif(bool(nspawn_why_not()), reason=nspawn_why_not() or "")
pytestmark = [pytest.mark.root]

LONG = "from ropewalk.operations import server\nserver.shell(name='long', commands=['touch /began; exec sleep 654'])\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A tree of one test's own."""
    return small_root(tmp_path / "own")


def machines_of(tree: Path) -> list[str]:
    """Return what runs for a tree: systemd-nspawn and all that is in its machine."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if line.startswith("systemd-nspawn") and f"--directory={tree}" in line:
            found += [line, *map(str, filter(runs, below(int(entry.name))))]
    return found


def mounts_of(tree: Path) -> list[str]:
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(tree) in line]


def why(ended: Ended, host: str) -> str:
    failure = ended.document["hosts"][host]["failure"]
    return f"{failure['message']} | {failure.get('hint')}"


@needs_nspawn
def test_a_tree_has_a_machine_for_the_run_and_none_after(own: Path, tmp_path: Path) -> None:
    script = "echo $$ $container; cat /proc/1/comm; env | sort | tr '\\n' ' '; touch /made"
    ended = run("-y", "--json", f"@nspawn{own}", "exec", "--", script, cwd=tmp_path, environment={"OURS": "x"}).must(0)
    [operation] = ended.document["operations"]
    said = operation["hosts"][f"@nspawn{own}"]["commands"][0]["stdout"]
    assert "systemd-nspawn\n(sd-stubinit)\n" in said
    assert "OURS" not in said
    assert (own / "made").exists()
    assert (machines_of(own), mounts_of(own)) == ([], [])
    assert list(own.parent.glob(".#*")) == []


@needs_nspawn
def test_one_machine_serves_a_whole_run(own: Path, tmp_path: Path) -> None:
    text = "from ropewalk.operations import server\n"
    text += "".join(f"server.shell(commands=['readlink /proc/self/ns/pid >>/namespaces; : {n}'])\n" for n in range(5))
    (tmp_path / "deploy.py").write_text(text)
    run("-y", f"@nspawn{own}", "deploy.py", cwd=tmp_path).must(0)
    lines = (own / "namespaces").read_text().splitlines()
    assert len(lines) == 5
    assert len(set(lines)) == 1
    assert lines[0] != os.readlink("/proc/self/ns/pid")


@needs_nspawn
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)], ids=str
)
def test_a_run_that_is_stopped_leaves_no_machine(own: Path, tmp_path: Path, number: int, status: int) -> None:
    (tmp_path / "deploy.py").write_text(LONG)
    with Running(["-y", f"@nspawn{own}", "deploy.py"], cwd=tmp_path) as running:
        running.until((own / "began").exists, "it runs")
        assert machines_of(own)
        os.kill(running.pid, number)
        running.wait(within=30).must(status)
    never(lambda: machines_of(own) + mounts_of(own), "machines and mounts")


@needs_nspawn
def test_a_run_that_fails_leaves_no_machine(own: Path, tmp_path: Path) -> None:
    run("-y", f"@nspawn{own}", "exec", "--", "exit 3", cwd=tmp_path).must(1)
    assert (machines_of(own), mounts_of(own)) == ([], [])


@needs_nspawn
def test_a_machine_that_ends_under_a_command_fails_its_host_alone(own: Path, tmp_path: Path) -> None:
    other = small_root(tmp_path / "other")
    (tmp_path / "deploy.py").write_text(
        "from ropewalk import host\nfrom ropewalk.operations import server\n"
        "long = 'touch /began; exec sleep 654' if host.name.endswith('own') else 'true'\n"
        "server.shell(name='long', commands=[long])\nserver.shell(name='after', commands=['touch /after'])\n"
    )
    with Running(["-y", "--json", f"@nspawn{own},@nspawn{other}", "deploy.py"], cwd=tmp_path) as running:
        running.until((own / "began").exists, "it runs")
        [first] = [int(pid) for pid in machines_of(own)[1:2]]
        os.kill(first, signal.SIGKILL)
        ended = running.wait(within=60).must(1)
    assert "the shell on the host ended (killed by signal 9)" in why(ended, f"@nspawn{own}")
    assert ended.document["hosts"][f"@nspawn{other}"]["status"] == "ok"
    assert [(tree / "after").exists() for tree in (own, other)] == [False, True]
    never(lambda: machines_of(own) + machines_of(other), "machines")


@needs_nspawn
def test_options_of_a_tree_are_passed_on(own: Path, tmp_path: Path) -> None:
    (tmp_path / "bound").mkdir()
    (tmp_path / "bound" / "file").write_text("bound\n")
    options = f'--data=nspawn_options=["--bind-ro={tmp_path}/bound:/mnt", "--hostname=named"]'
    ended = run(
        "-y", "--json", options, f"@nspawn{own}", "exec", "--", "cat /mnt/file; uname -n", cwd=tmp_path
    ).must(0)  # fmt: skip
    [operation] = ended.document["operations"]
    assert operation["hosts"][f"@nspawn{own}"]["commands"][0]["stdout"] == "bound\nnamed\n"


@needs_nspawn
def test_a_running_machine_is_used_and_left(machine: int, tmp_path: Path) -> None:
    install_machinectl(tmp_path / "clients", "web", machine)
    path = {"PATH": f"{tmp_path / 'clients'}:{os.environ['PATH']}"}
    ended = run("-y", "--json", "@nspawn/web", "exec", "--", "readlink /proc/1/ns/pid", cwd=tmp_path, environment=path)
    [operation] = ended.must(0).document["operations"]
    assert operation["hosts"]["@nspawn/web"]["commands"][0]["stdout"].strip() == os.readlink(f"/proc/{machine}/ns/pid")
    assert runs(machine)


def test_a_number_that_is_no_machines_is_not_entered(tmp_path: Path) -> None:
    other = subprocess.Popen(["sleep", "60"])
    install_machinectl(tmp_path / "clients", "web", other.pid)
    path = {"PATH": f"{tmp_path / 'clients'}:{os.environ['PATH']}"}
    try:
        ended = run("--json", "@nspawn/web", "exec", "--", "true", cwd=tmp_path, environment=path).must(4)
    finally:
        other.kill()
        other.wait()
    assert why(ended, "@nspawn/web").startswith("cannot enter @nspawn/web: ")


@needs_nspawn
def test_what_cannot_be_started_says_why(own: Path, tmp_path: Path, machine: int) -> None:
    (tmp_path / "empty").mkdir()
    (own / "usr/bin/sh").unlink()
    running = Path(os.readlink(f"/proc/{machine}/cwd"))
    assert running == Path("/")
    for tree in (tmp_path / "missing", tmp_path / "empty", own):
        ended = run("--json", f"@nspawn{tree}", "exec", "--", "true", cwd=tmp_path).must(4)
        said = why(ended, f"@nspawn{tree}")
        assert said.startswith(f"cannot start a machine of {tree}: ")
        assert said.endswith("| name a directory that holds a root file system, with /bin/sh in it")


@needs_nspawn
def test_a_tree_that_is_in_use_is_told(tree: Path, own: Path, tmp_path: Path) -> None:
    (tmp_path / "deploy.py").write_text(LONG)
    with Running(["-y", f"@nspawn{own}", "deploy.py"], cwd=tmp_path) as running:
        running.until((own / "began").exists, "it runs")
        ended = run("--json", f"@nspawn{own}", "exec", "--", "true", cwd=tmp_path).must(4)
        assert "| a machine of that directory runs already: name it, or end it" in why(ended, f"@nspawn{own}")
        running.interrupt()
        running.wait(within=30).must(130)


def test_a_name_that_nobody_knows(tmp_path: Path) -> None:
    install_machinectl(tmp_path / "clients", "web", 1)
    path = {"PATH": f"{tmp_path / 'clients'}:{os.environ['PATH']}"}
    ended = run("--json", "@nspawn/no-such", "exec", "--", "true", cwd=tmp_path, environment=path).must(4)
    assert why(ended, "@nspawn/no-such") == (
        "cannot find the machine no-such: Could not get path to machine: No machine 'no-such' known | "
        "see if machinectl list shows it running; there is no tree /var/lib/machines/no-such either"
    )


@pytest.mark.parametrize("address", ["@nspawn", "@nspawn/", "@nspawn//"])
def test_an_address_that_says_too_little_is_told(address: str) -> None:
    with pytest.raises(InventoryError, match="needs a machine or a directory"):
        Inventory(([address], {}))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("nspawn_machine=[1]", "nspawn_machine must be a str"),
        ("nspawn_directory=--boot", "nspawn_directory cannot be empty or begin with a dash"),
        ("nspawn_options=--boot", "nspawn_options must be a list of options"),
        ('nspawn_options=["boot"]', "nspawn_options must be a list of options"),
    ],
)
def test_data_that_make_no_sense_are_told(tmp_path: Path, data: str, says: str) -> None:
    ended = run("--json", "@nspawn/x", "exec", f"--data={data}", "--", "true", cwd=tmp_path)
    assert ended.status != 0
    assert says in ended.out.decode() + ended.stderr
