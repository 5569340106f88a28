"""A directory to run ropewalk in, next to a Docker daemon."""

from __future__ import annotations

from pathlib import Path

from ropewalk.connectors.docker.engine import LABEL
from support.dockerd import Dockerd
from support.e2e_run import Ended, Running, run

IMAGE = "programs:1"
HEAD = "from ropewalk.operations import files, server\n"


class Site:
    """Runs ropewalk, and looks at containers and images without it."""

    def __init__(self, dockerd: Dockerd, directory: Path) -> None:
        self.docker, self.directory = dockerd.docker, directory
        self.environment = {"DOCKER_HOST": dockerd.host}

    def run(self, *words: str, **environment: str) -> Ended:
        return run(*words, cwd=self.directory, environment={**self.environment, **environment})

    def deploy(self, hosts: str, text: str, *words: str) -> Ended:
        return self.run("-y", "--json", *words, hosts, self.file(text))

    def start(self, hosts: str, text: str, *options: str) -> Running:
        words = ["-y", "--json", *options, hosts, self.file(text)]
        return Running(words, cwd=self.directory, environment=self.environment)

    def file(self, text: str, name: str = "deploy.py") -> str:
        (self.directory / name).write_text(HEAD + text)
        return name

    def ours(self) -> list[str]:
        """The containers that runs have started and not removed."""
        return self.docker("ps", "-aq", "--no-trunc", f"--filter=label={LABEL}").split()

    def images(self) -> list[str]:
        return sorted(self.docker("images", "-aq", "--no-trunc").split())

    def container(self, name: str) -> str:
        idle = ["--entrypoint", "tail", IMAGE, "-f", "/dev/null"]
        return self.docker("run", "-d", "--name", name, *idle).strip()

    def state(self, name: str) -> tuple[str, str]:
        found = self.docker("inspect", "--format", "{{.State.Status}} {{.State.StartedAt}}", name)
        status, _, since = found.strip().partition(" ")
        return status, since

    def programs_in(self, container: str) -> list[str]:
        """What runs in a container besides its first process."""
        lines = self.docker("top", container, "-eo", "pid,args", check=False).splitlines()[1:]
        return [line.split(None, 1)[1] for line in lines if "tail -f /dev/null" not in line]
