"""The tools that are compared: how they are installed, and how each is told to run the deploy."""

from __future__ import annotations

import compileall
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.lab import Host

HERE = Path(__file__).parent
NAMES = ("floor", "ropewalk", "pyinfra", "mitogen", "ansible")

#: What pip installs, by environment.
_ENVIRONMENTS = {
    "pyinfra": ["pyinfra==3.10.0"],
    "ansible": ["ansible-core==2.19.*", "mitogen==0.3.*"],
}

_ANSIBLE = """\
[defaults]
forks = 50
host_key_checking = True
retry_files_enabled = False
interpreter_python = /usr/bin/python3
local_tmp = {work}/tmp
{strategy}
[ssh_connection]
pipelining = True
control_path_dir = {work}/cp
ssh_args = -F /dev/null -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile={known}
"""


@dataclass(frozen=True)
class Call:
    """How a tool is started.

    :ivar settle: ends what it leaves in the background.
    """

    argv: Sequence[str | Path]
    env: dict[str, str] = field(default_factory=dict)
    settle: Callable[[], None] | None = None


class Tools:
    """Tools that are there.

    :param ropewalk: the program of this checkout.
    :param cache: where the others are installed, once.
    """

    def __init__(self, ropewalk: Path, cache: Path) -> None:
        self.ropewalk = ropewalk
        self._cache = cache

    def install(self, names: Sequence[str]) -> None:
        """Install what these tools need and is not there yet.

        :raises subprocess.CalledProcessError: pip failed.
        """
        # pip compiles what it installs; this checkout must not be compiled anew in every run that is measured.
        compileall.compile_dir(HERE.parent / "src", quiet=1)
        for name in {_environment(name) for name in names} - {None}:
            assert name is not None
            wanted = " ".join(_ENVIRONMENTS[name])
            done = self._cache / name / "installed"
            if done.exists() and done.read_text() == wanted:
                continue
            print(f"installing {wanted} into {done.parent}", file=sys.stderr)
            subprocess.run([sys.executable, "-m", "venv", "--clear", done.parent], check=True)
            pip: list[str | Path] = [
                self.program(name, "python"),
                "-m",
                "pip",
                "install",
                "-qq",
                "--disable-pip-version-check",
            ]
            subprocess.run([*pip, *_ENVIRONMENTS[name]], check=True)
            done.write_text(wanted)

    def program(self, environment: str, name: str) -> Path:
        """Return a program of an environment."""
        return self._cache / environment / "bin" / name

    def versions(self, names: Sequence[str]) -> dict[str, str]:
        """Return the versions of everything that takes part."""
        found = {"ropewalk": _output([self.ropewalk, "--version"]).split()[-1], "commit": _commit()}
        for environment in {_environment(name) for name in names} - {None}:
            assert environment is not None
            listed = _output([self.program(environment, "python"), "-m", "pip", "list", "--format", "json"])
            wanted = {word.partition("==")[0] for word in _ENVIRONMENTS[environment]}
            found |= {entry["name"]: entry["version"] for entry in json.loads(listed) if entry["name"] in wanted}
        found["openssh"] = _output(["ssh", "-V"]).split(",")[0].removeprefix("OpenSSH_").split()[0]
        return found

    def deploy(self, tool: str, hosts: Sequence[Host], work: Path) -> Call:
        """Return how ``tool`` runs the deploy on these hosts; ``work`` is a copy of bench/deploy of its own."""
        if tool == "floor":
            return _floor(hosts, work)
        if tool in ("ansible", "mitogen"):
            return self._ansible(tool, hosts, work)
        write_inventory(hosts, work)
        if tool == "pyinfra":
            return Call([self.program("pyinfra", "pyinfra"), "-y", "inventory.py", "deploy.py"])
        return Call([self.ropewalk, "-y", "--json", "inventory.py", "deploy.py"])

    def execute(self, tool: str, hosts: Sequence[Host], work: Path, **data: object) -> Call:
        """Return how ``tool`` runs ``true`` on these hosts; ``data`` is further host data."""
        if tool == "floor":
            (host,) = hosts
            return Call(["ssh", *host.ssh(), f"{host.user}@{host.address}", "true"])
        write_inventory(hosts, work, **data)
        program = self.ropewalk if tool == "ropewalk" else self.program("pyinfra", "pyinfra")
        return Call([program, "-y", "inventory.py", "exec", "--", "true"])

    def _ansible(self, tool: str, hosts: Sequence[Host], work: Path) -> Call:
        strategy = ""
        if tool == "mitogen":
            packages = (self._cache / "ansible").glob("lib/python3*/site-packages/ansible_mitogen/plugins/strategy")
            strategy = f"strategy_plugins = {next(packages)}\nstrategy = mitogen_linear"
        (work / "ansible.cfg").write_text(_ANSIBLE.format(work=work, strategy=strategy, known=hosts[0].known_hosts))
        lines = [
            f"{host.address} ansible_port={host.port} ansible_user={host.user} ansible_ssh_private_key_file={host.key}"
            for host in hosts
        ]
        shutil.copy(HERE / "playbook.yml", work)  # files are looked for beside it
        (work / "hosts.ini").write_text("\n".join(lines) + "\n")
        argv: list[str | Path] = [self.program("ansible", "ansible-playbook"), "-i", "hosts.ini", "playbook.yml"]
        return Call(argv, {"ANSIBLE_CONFIG": str(work / "ansible.cfg")}, lambda: close_masters(work / "cp"))


def write_inventory(hosts: Sequence[Host], work: Path, **data: object) -> None:
    """Write ``inventory.py`` as pyinfra and ropewalk read it."""
    entries = [(host.address, {"ssh_port": host.port, "ssh_user": host.user, "ssh_key": host.key}) for host in hosts]
    every = {
        "ssh_known_hosts_file": hosts[0].known_hosts,
        "ssh_strict_host_key_checking": "yes",
        "ssh_allow_agent": False,
        "ssh_look_for_keys": False,
        **data,
    }
    (work / "inventory.py").write_text(f"hosts = ({entries!r}, {every!r})\n")


def close_masters(directory: Path) -> None:
    """End the shared connections of OpenSSH whose sockets are in a directory."""
    for socket in directory.glob("**/*"):
        if socket.is_socket():
            subprocess.run(["ssh", "-o", f"ControlPath={socket}", "-O", "exit", "x"], capture_output=True, check=False)


def _floor(hosts: Sequence[Host], work: Path) -> Call:
    """Return a script that runs floor.sh for all hosts side by side and fails if one of them fails."""
    lines = [
        shlex.join([str(HERE / "floor.sh"), f"{host.user}@{host.address}", *host.ssh()[2:]]) + ' & pids="$pids $!"'
        for host in hosts
    ]
    waits = 'failed=0; for pid in $pids; do wait "$pid" || failed=1; done; exit $failed'
    (work / "floor-all.sh").write_text("\n".join([*lines, waits]) + "\n")
    return Call(["bash", "floor-all.sh"])


def _environment(tool: str) -> str | None:
    return {"pyinfra": "pyinfra", "ansible": "ansible", "mitogen": "ansible"}.get(tool)


def _commit() -> str:
    """Return the commit of this checkout, with a mark when there is more in it than that."""
    return _output(["git", "-C", HERE, "describe", "--always", "--dirty", "--exclude", "*"]).strip() or "unknown"


def _output(argv: Sequence[str | os.PathLike[str]]) -> str:
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
