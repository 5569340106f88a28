"""What an end-to-end test works with: hosts, and a directory to run ropewalk in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.e2e_lab import Lab, Server
from support.e2e_run import Ended, Running, run


@dataclass(frozen=True)
class Site:
    """Hosts, and a directory with an inventory of them.

    :ivar directory: where ropewalk runs.
    """

    directory: Path
    lab: Lab
    servers: list[Server]

    def inventory(self, servers: list[Server] | None = None, name: str = "inventory.py", **data: Any) -> str:
        """Write an inventory of the hosts, with data for all of them; return its name."""
        everything = {"ssh_config_file": str(self.lab.ssh_config), "ssh_user": "root", **data}
        names = [server.name for server in (self.servers if servers is None else servers)]
        (self.directory / name).write_text(f"hosts = ({names!r}, {everything!r})\n")
        return name

    def deploy(self, text: str, name: str = "deploy.py") -> str:
        """Write a deploy; return its name."""
        (self.directory / name).write_text(f"from ropewalk.operations import files, python, server\n{text}\n")
        return name

    def config(self, line: str) -> None:
        """Write a config file with one setting."""
        (self.directory / "config.py").write_text(f"from ropewalk import config\n\nconfig.{line}\n")

    def run(self, *words: str, **options: Any) -> Ended:
        return run(*words, cwd=self.directory, **options)

    def start(self, *words: str, **options: Any) -> Running:
        return Running(words, cwd=self.directory, **options)
