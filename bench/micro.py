"""Small things, measured one by one: starting, connecting, transfers, much output."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median

from bench.deploys import Setting, most
from bench.figures import Figure, trips
from bench.lab import Host
from bench.machine import quiet
from bench.process import Measured, measured
from bench.tools import Call, close_masters, write_inventory

MIB = 1024 * 1024
RTT = 100
_UPLOAD = 50 * MIB
#: How often it is sent: the quickest counts.
_UPLOADS = 5
_OUTPUT = 100_000_000
_SMALL_FILES = 1000


class Bench:
    """Measures in a directory of its own.

    :param peers: tools to compare with, beside ropewalk.
    """

    def __init__(self, setting: Setting, peers: Sequence[str], work: Path) -> None:
        self._lab = setting.lab
        self._tools = setting.tools
        self._patience = setting.patience
        self._peers = [name for name in ("floor", "pyinfra") if name in peers]
        self._work = work

    def starting(self) -> list[Figure]:
        """Return how long it takes to do next to nothing."""
        ours = self._tools.ropewalk
        peers = {"pyinfra": self._tools.program("pyinfra", "pyinfra")} if "pyinfra" in self._peers else {}
        version = {name: self._best([path, "--version"]) for name, path in peers.items()}
        local = {name: self._best([path, "-y", "@local", "exec", "--", "true"]) for name, path in peers.items()}
        return [
            Figure("ropewalk --version", self._best([ours, "--version"]), "s", 0.15, 0.10, peers=version),
            Figure(
                "ropewalk @local exec -- true", self._best([ours, "@local", "exec", "--", "true"]), "s", 0.35, 0.25,
                peers=local,
            ),
        ]  # fmt: skip

    def connecting(self, host: Host) -> list[Figure]:
        """Return how many round trips it takes until the first output of a host, by timing with and without delay."""
        near = host.at(host.near)
        ways: dict[str, Callable[[Host], Call]] = {
            "ropewalk": lambda at: self._tools.execute("ropewalk", [at], self._work),
            "ropewalk, openssh": lambda at: self._tools.execute(
                "ropewalk", [at], self._work, ssh_backend="openssh", ssh_config_file=self._plain()
            ),
        }
        for name in self._peers:
            ways["ssh" if name == "floor" else name] = lambda at, name=name: self._tools.execute(  # type: ignore[misc]
                name, [at], self._work
            )
        counted = {name: trips(self._wall(way, near), self._wall(way, host), RTT) for name, way in ways.items()}
        counted["ropewalk, openssh, kept connection"] = self._kept(near, host)
        ours = counted.pop("ropewalk")
        return [
            Figure(
                "round trips from nothing to the first command's end", ours, "", note="from times at 0 and 100 ms",
                peers=counted,
            )
        ]  # fmt: skip

    def logging_in(self, host: Host) -> tuple[float | None, float | None]:
        """Return the seconds of CPU that logging in costs the host: with ropewalk, and with ``ssh``."""
        found: list[float | None] = []
        for tool in ("ropewalk", "floor"):
            call = self._tools.execute(tool, [host.at(host.near)], self._work)
            before = self._lab.cpu()
            for _ in range(5):
                self._run(call)
            after = self._lab.cpu()
            found.append(None if before is None or after is None else (after - before) / 5)
        return found[0], found[1]

    def many(self, hosts: list[Host]) -> list[Figure]:
        """Return what a further connection costs the client."""

        def each(tool: str) -> float:
            cpu = {
                count: median(self._run(self._tools.execute(tool, hosts[:count], self._work)).cpu for _ in range(3))
                for count in (1, len(hosts))
            }
            return (cpu[len(hosts)] - cpu[1]) / (len(hosts) - 1) * 1000

        return [
            Figure(
                f"client CPU per connection ({len(hosts)} hosts at once)", each("ropewalk"), "ms", 6, 4,
                note="login, one command, its report",
                peers={name: each(name) for name in self._peers if name != "floor"},
            )
        ]  # fmt: skip

    def uploading(self, host: Host) -> list[Figure]:
        """Return the throughput of a large upload as a share of scp's; what both need for one byte is taken off."""
        near = host.at(host.near)
        write_inventory([near], self._work)
        (self._work / "big").write_bytes(os.urandom(_UPLOAD))
        (self._work / "tiny").write_bytes(b"x")
        walls: dict[tuple[str, str], list[float]] = {}
        for _ in range(_UPLOADS):
            for name in ("tiny", "big"):
                target = f"/srv/bench-{name}"
                calls: dict[str, list[str | Path]] = {
                    "scp": ["scp", "-q", *_scp(near), name, f"{near.user}@{near.address}:{target}"],
                    "ropewalk": [
                        self._tools.ropewalk, "-y", "inventory.py", "files.put", f"src={name}", f"dest={target}"
                    ],
                }  # fmt: skip
                for tool, argv in calls.items():
                    self._lab.run(near, f"rm -f {target}")
                    walls.setdefault((tool, name), []).append(self._run(Call(argv)).wall)
        times = {key: min(values) for key, values in walls.items()}  # what disturbs them only adds to them
        ours, theirs = (times[tool, "big"] - times[tool, "tiny"] for tool in ("ropewalk", "scp"))
        note = ", ".join(
            f"{tool} {times[tool, 'big']:.2f} s ({times[tool, 'tiny']:.2f} s for one byte)"
            for tool in ("ropewalk", "scp")
        )
        return [
            Figure("upload of 50 MiB: share of scp's throughput", theirs / ours, "", 0.8, 0.95, least=True, note=note)
        ]

    def syncing(self, host: Host) -> list[Figure]:
        """Return what a tree of many small files takes."""
        tree = self._work / "tree"
        for number in range(_SMALL_FILES):
            file = tree / f"d{number % 10}" / f"f{number}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(f"file {number}\n".encode() * 60)
        write_inventory([host], self._work)
        argv: list[str | Path] = [
            self._tools.ropewalk, "-y", "--json", "inventory.py", "files.sync", f"src={tree}", "dest=/srv/bench-tree"
        ]  # fmt: skip
        done = self._run(Call(argv))
        found = int(self._lab.run(host, "find /srv/bench-tree -type f | wc -l").stdout)
        if found != _SMALL_FILES:
            raise RuntimeError(f"files.sync made {found} files of {_SMALL_FILES}")
        stats = most(json.loads((self._work / "out").read_text()))
        shutil.rmtree(tree)
        return [
            Figure(
                "files.sync of 1,000 new files: round trips after connecting", stats["round_trips"], "", 8, 5,
                note=f"{done.wall:.2f} s at {RTT} ms, plan included; {stats['channels']} channels",
            )
        ]  # fmt: skip

    def talking(self, host: Host) -> list[Figure]:
        """Return how much memory 100 MB of output take."""
        write_inventory([host.at(host.near)], self._work)
        start: list[str | Path] = [self._tools.ropewalk, "-y", "inventory.py"]
        script = f"yes {'x' * 99} | head -c {_OUTPUT}"
        idle = self._run(Call([*start, "exec", "--", "true"])).rss
        passed = self._run(Call([*start, "exec", "--", script]))
        if (size := (self._work / "out").stat().st_size) != _OUTPUT:
            raise RuntimeError(f"{size} bytes of output arrived, not {_OUTPUT}")
        kept = self._run(Call([*start, "server.shell", f"commands={script}"]))
        name = "100 MB of output of one command: peak memory above idle"
        return [
            Figure(f"{name}, passed on", passed.rss - idle, "MiB", 64, 32, note=f"{passed.wall:.1f} s"),
            Figure(f"{name}, of an operation", kept.rss - idle, "MiB", 64, 32, note=f"{kept.wall:.1f} s"),
        ]

    def _kept(self, near: Host, far: Host) -> float:
        """Return the round trips of a run that finds a connection of the one before."""
        with _short_directory() as directory:
            env = {"XDG_RUNTIME_DIR": directory}

            def way(at: Host) -> Call:
                call = self._tools.execute(
                    "ropewalk", [at], self._work,
                    ssh_backend="openssh", ssh_config_file=self._plain(), ssh_control_persist=60,
                )  # fmt: skip
                return Call(call.argv, env)

            try:
                for host in (near, far):
                    self._run(way(host))
                return trips(self._wall(way, near), self._wall(way, far), RTT)
            finally:
                close_masters(Path(directory))

    def _plain(self) -> str:
        """Return an empty configuration of OpenSSH, so that the user's does not count."""
        (self._work / "ssh_config").touch()
        return str(self._work / "ssh_config")

    def _wall(self, way: Callable[[Host], Call], host: Host) -> float:
        call = way(host)
        return median(self._run(call).wall for _ in range(3))

    def _best(self, argv: Sequence[str | Path]) -> float:
        """Return the least of five times, after one that does not count."""
        quiet(self._patience)
        return min([self._run(Call(argv)).wall for _ in range(6)][1:])

    def _run(self, call: Call) -> Measured:
        out = self._work / "out"
        done = measured(call.argv, cwd=self._work, out=out, env=call.env, settle=call.settle)
        if done.status:
            said = (self._work / "out.err").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{call.argv[0]} ended with {done.status}: {said}")
        return done


def _short_directory() -> AbstractContextManager[str]:
    """Return a directory whose name leaves room for names of sockets."""
    return tempfile.TemporaryDirectory(prefix="b", dir="/tmp")


def _scp(host: Host) -> list[str]:
    return ["-P" if word == "-p" else word for word in host.ssh()]
