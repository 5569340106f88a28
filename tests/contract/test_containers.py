"""What becomes of containers and images, as users of ropewalk see it: with a real Docker daemon."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ropewalk.connectors.docker.engine import LABEL
from support.docker_site import IMAGE, Site
from support.e2e_processes import never
from support.e2e_run import Ended
from support.sshd import Sshd

pytestmark = [pytest.mark.root, pytest.mark.sshd]

CHANGES = 'server.shell(name="change", commands=["echo new >/changed"])\n'
LONG = 'server.shell(name="long", commands=["echo $$ >/began; exec sleep 654"])\n'


def why(ended: Ended, host: str) -> str:
    failure = ended.document["hosts"][host]["failure"]
    return f"{failure['message']} | {failure.get('hint')}"


def test_a_container_that_runs_is_used_and_left_running(site: Site) -> None:
    site.container("runs")
    before = site.state("runs")
    site.deploy("@docker/runs", CHANGES).must(0)
    assert site.state("runs") == before
    assert site.docker("exec", "runs", "cat", "/changed") == "new\n"


def test_a_container_that_is_stopped_is_started(site: Site) -> None:
    site.container("stopped")
    site.docker("stop", "-t", "0", "stopped")
    images = site.images()
    site.deploy("@docker/stopped", CHANGES).must(0)
    assert site.state("stopped")[0] == "running"
    assert site.images() == images


def test_an_image_is_run_and_made_into_a_new_one_that_runs_what_it_ran(site: Site, image: str) -> None:
    ended = site.run("-y", "--json", f"@docker/{IMAGE}", site.file(CHANGES)).must(0)
    [note] = ended.document["notes"]
    assert note["level"] == "info"
    [made] = re.findall(r"docker build complete, image ID: ([0-9a-f]{12})$", note["message"])
    [full] = [one for one in site.images() if one.startswith(f"sha256:{made}")]
    assert image not in full
    [found] = json.loads(site.docker("image", "inspect", made))
    assert (found["Config"]["Entrypoint"], found["Config"]["Cmd"]) == (["/bin/sh", "-c"], ["echo served"])
    assert site.docker("run", "--rm", made) == "served\n"
    assert site.docker("run", "--rm", made, "cat /changed") == "new\n"
    assert site.ours() == []


@pytest.mark.parametrize(
    ("text", "words", "status"),
    [
        ('server.shell(name="nothing", commands=["true"])\n', [], 0),
        (CHANGES, ["--dry"], 0),
        (CHANGES + 'server.shell(name="fails", commands=["exit 3"])\n', [], 1),
    ],
    ids=["unchanged", "dry", "failed"],
)
def test_no_image_is_made_of_what_has_not_changed_or_has_failed(
    site: Site, text: str, words: list[str], status: int
) -> None:
    images = site.images()
    ended = site.run("-y", *words, f"@docker/{IMAGE}", site.file(text)).must(status)
    assert "image ID" not in ended.stderr
    assert (site.images(), site.ours()) == (images, [])


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_container_of_an_image_is_removed_when_the_run_is_stopped(site: Site, number: int, status: int) -> None:
    images = site.images()
    with site.start(f"@docker/{IMAGE}", LONG) as running:
        running.until(lambda: any("sleep 654" in p for one in site.ours() for p in site.programs_in(one)), "it runs")
        running.interrupt(number)
        running.wait(within=30).must(status)
    assert (site.images(), site.ours()) == (images, [])


def test_a_command_that_is_stopped_leaves_nothing_in_a_container_that_stays(site: Site) -> None:
    site.container("stays")
    with site.start("@docker/stays", LONG) as running:
        running.until(lambda: "sleep 654" in site.programs_in("stays"), "it runs")
        running.interrupt()
        running.wait(within=30).must(130)
    never(lambda: site.programs_in("stays"), "processes in the container")


def test_what_a_killed_run_left_is_removed_by_the_next_and_nothing_of_runs_that_live(site: Site) -> None:
    with site.start(f"@docker/{IMAGE}", LONG) as living:
        living.until(lambda: any(map(site.programs_in, site.ours())), "the first runs")
        [of_living] = site.ours()
        with site.start(f"@docker/{IMAGE}", LONG) as killed:
            killed.until(lambda: len(site.ours()) == 2 and all(map(site.programs_in, site.ours())), "the second runs")
            os.kill(killed.pid, signal.SIGKILL)
            killed.wait()
        assert len(site.ours()) == 2
        site.deploy(f"@docker/{IMAGE}", 'server.shell(commands=["true"])\n').must(0)
        assert site.ours() == [of_living]
        living.interrupt()
        living.wait(within=30).must(130)
    assert site.ours() == []


def test_two_hosts_of_one_image_sweep_what_was_left_together(site: Site) -> None:
    site.docker("run", "-d", f"--label={LABEL}={_ended()}", "--entrypoint", "tail", IMAGE, "-f", "/dev/null")
    (site.directory / "inventory.py").write_text(
        f"hosts = [('@docker/one', {{'docker_identifier': {IMAGE!r}}}), "
        f"('@docker/two', {{'docker_identifier': {IMAGE!r}}})]\n"
    )
    site.deploy("inventory.py", 'server.shell(commands=["true"])\n').must(0)
    assert site.ours() == []


def _ended() -> str:
    """Return who started a container, for a process that is no more: this one, had it begun before the machine."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}:{os.getpid()}:0"


@pytest.mark.parametrize(
    ("address", "environment", "says"),
    [
        ("@docker/no-such:1", {"HTTPS_PROXY": "http://127.0.0.1:9"}, "neither a container of that name nor an image"),
        ("@docker/tests:1", {}, "needs the programs tail and sh"),
        ("@docker/x", {"DOCKER_HOST": "unix:///nonexistent/socket"}, "start the daemon"),
        ("@docker/x", {"DOCKER_HOST": "tcp://127.0.0.1:9"}, "start the daemon"),
        ("@docker/x", {"DOCKER_HOST": "", "DOCKER_CONTEXT": "none"}, "name another with DOCKER_HOST or a context"),
    ],
    ids=["no image", "no programs", "no socket", "no port", "no context"],
)
def test_what_cannot_be_reached_says_what_to_do(
    site: Site, address: str, environment: dict[str, str], says: str
) -> None:
    ended = site.run("--json", address, "exec", "--", "true", **environment).must(4)
    assert says in why(ended, address)
    assert site.ours() == []


def test_without_a_client_the_error_names_it(site: Site) -> None:
    bin = site.directory / "bin"
    bin.mkdir()
    (bin / "sh").symlink_to("/bin/sh")
    ended = site.run("--json", "@docker/x", "exec", "--", "true", PATH=str(bin)).must(4)
    assert why(ended, "@docker/x").startswith("there is no program 'docker' | install docker")


@pytest.mark.parametrize("data", [{"docker_platform": "linux/amd64"}, {"docker_architecture": "amd64"}])
def test_a_platform_is_passed_on(site: Site, data: dict[str, str]) -> None:
    stand_in = site.directory / "bin"
    stand_in.mkdir()
    asked = site.directory / "asked"
    missing = 'if [ "$1" = container ]; then echo "No such container: x" >&2; exit 1; fi'
    (stand_in / "docker").write_text(f'#!/bin/sh\necho "$*" >>{asked}\n{missing}\n[ "$1" != create ]\n')
    (stand_in / "docker").chmod(0o755)
    options = [f"--data={key}={value}" for key, value in data.items()]
    path = f"{stand_in}:{os.environ['PATH']}"
    site.run("--json", "@docker/x", "exec", *options, "--", "true", PATH=path).must(4)
    created = [line for line in asked.read_text().splitlines() if line.startswith("create ")]
    assert len(created) == 1
    assert " --platform=linux/amd64 " in created[0]


@pytest.mark.parametrize("key", ["docker_identifier", "docker_platform", "docker_architecture"])
def test_data_of_the_wrong_type_is_told(site: Site, key: str) -> None:
    ended = site.run("--json", "@docker/x", "exec", f"--data={key}=[1]", "--", "true")
    assert ended.status != 0
    assert f"{key} must be a str" in ended.out.decode()


ODD = " a'b\"c $(id) äö;\\n -rf "


@pytest.mark.parametrize("size", [0, 1, 50_000_000])
def test_files_go_there_and_back(site: Site, size: int) -> None:
    site.container("files")
    sent = os.urandom(size)
    (site.directory / ODD).write_bytes(sent)
    site.deploy("@docker/files", f"files.put(src={ODD!r}, dest={'/tmp/' + ODD!r})\n").must(0)
    site.deploy("@docker/files", f"files.get(src={'/tmp/' + ODD!r}, dest='back')\n").must(0)
    assert (site.directory / "back").read_bytes() == sent


@pytest.fixture
def behind(site: Site, new_sshd: Callable[..., Sshd]) -> tuple[Sshd, list[str]]:
    """A server on which ``docker`` finds the daemon, and the host data that reach it; here ``docker`` finds none."""
    server = new_sshd(f"SetEnv SHLVL=2 DOCKER_HOST={site.environment['DOCKER_HOST']}")
    site.environment = {"DOCKER_HOST": "unix:///nonexistent/socket"}
    data = {"ssh_key": server.client_key, "ssh_known_hosts_file": site.directory / "known_hosts",
            "ssh_port": server.port, "ssh_user": "root"}  # fmt: skip
    return server, [f"--data={key}={value}" for key, value in data.items()]


def test_an_image_on_another_host_is_run_and_made_into_a_new_one(site: Site, behind: tuple[Sshd, list[str]]) -> None:
    host = f"@dockerssh/127.0.0.1:{IMAGE}"
    ended = site.deploy(host, CHANGES, *behind[1]).must(0)
    [note] = ended.document["notes"]
    [made] = re.findall(r"docker build complete, image ID: ([0-9a-f]{12})$", note["message"])
    assert site.docker("run", "--rm", made, "cat /changed") == "new\n"
    assert site.ours() == []


def test_a_container_on_another_host_is_used_and_left(site: Site, behind: tuple[Sshd, list[str]]) -> None:
    site.container("far")
    before = site.state("far")
    site.deploy("@dockerssh/127.0.0.1:far", CHANGES, *behind[1]).must(0)
    assert site.state("far") == before
    assert site.docker("exec", "far", "cat", "/changed") == "new\n"


def test_the_container_of_an_image_is_removed_also_if_the_connection_to_its_host_is_lost(
    site: Site, behind: tuple[Sshd, list[str]]
) -> None:
    images, (server, data) = site.images(), behind
    host = f"@dockerssh/127.0.0.1:{IMAGE}"
    with site.start(host, LONG, *data) as running:
        running.until(lambda: any("sleep 654" in p for one in site.ours() for p in site.programs_in(one)), "it runs")
        server.kill_connections()
        running.wait(within=60).must(1)
    never(site.ours, "containers")
    assert site.images() == images


def test_the_container_goes_on_when_its_host_is_connected_again(site: Site, behind: tuple[Sshd, list[str]]) -> None:
    server, data = behind
    first = (
        'server.shell(name="first", commands=["echo kept >/kept; touch /began; exec sleep 654"], _ignore_errors=True)\n'
    )
    host = f"@dockerssh/127.0.0.1:{IMAGE}"
    with site.start(host, first + 'server.shell(name="next", commands=["cat /kept"])\n', *data) as running:
        running.until(lambda: any("sleep 654" in p for one in site.ours() for p in site.programs_in(one)), "it runs")
        server.kill_connections()
        ended = running.wait(within=60).must(0)
    assert ended.document["operations"][1]["hosts"][host]["commands"][0]["stdout"] == "kept\n"
    assert site.ours() == []


def test_a_context_of_docker_is_honoured(site: Site) -> None:
    config = {"DOCKER_CONFIG": str(site.directory / "config")}
    site.container("seen")
    made = ["docker", "context", "create", "tests", f"--docker=host={site.environment['DOCKER_HOST']}"]
    subprocess.run(made, env={**os.environ, **config}, check=True, capture_output=True)
    for variables in ({"DOCKER_CONTEXT": "tests"}, None):
        if variables is None:  # the one that is in use
            use = ["docker", "context", "use", "tests"]
            subprocess.run(use, env={**os.environ, **config}, check=True, capture_output=True)
        environment = {**config, **(variables or {}), "DOCKER_HOST": ""}
        site.run("-y", "@docker/seen", "exec", "--", "echo x >>/seen", **environment).must(0)
    assert site.docker("exec", "seen", "cat", "/seen") == "x\nx\n"
