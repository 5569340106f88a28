"""The same deploy with every tool, on hosts that are as new, and once more."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.budgets import counts
from bench.figures import FIRST, SECOND, Figure, Run
from bench.lab import Host, Lab, undone
from bench.machine import load, quiet
from bench.process import Measured, measured
from bench.tools import HERE, Tools


@dataclass(frozen=True)
class Setting:
    """What everything is measured with.

    :ivar patience: seconds to wait for the machine to be quiet, before each run.
    """

    lab: Lab
    tools: Tools
    patience: float


def matrix(
    setting: Setting,
    sizes: Sequence[int],
    rtts: Sequence[int],
    repeats: Mapping[str, int],
    skipped: frozenset[tuple[str, int]],
) -> Iterator[Run]:
    """Run everything; tools take turns, so that what disturbs the machine disturbs all alike.

    :param repeats: how often each tool runs; tools that are not named do not.
    :param skipped: tools and numbers of hosts that are left out.
    """
    for rtt in rtts:
        for size in sizes:
            for turn in range(max(repeats.values(), default=0)):
                for name, times in repeats.items():
                    if turn < times and (name, size) not in skipped:
                        yield from _case(setting, name, size, rtt)


def _case(setting: Setting, tool: str, size: int, rtt: int) -> Iterator[Run]:
    with tempfile.TemporaryDirectory(prefix="bench-") as directory, setting.lab.fresh(size, rtt) as hosts:
        work = copy_of_deploy(Path(directory))
        for run in (FIRST, SECOND):
            done = _run(setting, tool, hosts, rtt, run, work)
            print(
                f"{tool}, {size} hosts, {rtt} ms, {run}: {done.wall:.2f} s {done.problem}", file=sys.stderr, flush=True
            )
            yield done


def _run(setting: Setting, tool: str, hosts: list[Host], rtt: int, run: str, work: Path) -> Run:
    lab, call = setting.lab, setting.tools.deploy(tool, hosts, work)
    idle, busy = quiet(setting.patience), load()
    sessions, spent = lab.sessions(hosts[0]), lab.cpu()
    out = work / "out"
    result = measured(call.argv, cwd=work, out=out, env=call.env, settle=call.settle)
    used, opened = lab.cpu(), lab.sessions(hosts[0])
    stats = most(json.loads(out.read_text())) if tool == "ropewalk" and not result.status else {}
    return Run(
        tool, len(hosts), rtt, run, result.wall, result.cpu, result.rss,
        problem=_problem(result, out) or undone(lab, hosts),
        servers_cpu=None if used is None or spent is None else used - spent,
        sessions=None if opened is None or sessions is None else opened - sessions,
        round_trips=stats.get("round_trips"),
        channels=stats.get("channels"),
        idle=idle,
        load=busy,
    )  # fmt: skip


def without_clock(setting: Setting) -> list[Figure]:
    """Return the figures that are counted: round trips and channels of plan and apply, on one host."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory, setting.lab.fresh(1, 0) as hosts:
        work = copy_of_deploy(Path(directory))
        quiet_lines = [line for line in (work / "deploy.py").read_text().splitlines() if "server.shell(" not in line]
        (work / "quiet.py").write_text("\n".join(quiet_lines) + "\n")
        setting.tools.deploy("ropewalk", hosts, work)

        def document(*words: str) -> dict[str, Any]:
            out = work / "out"
            result = measured([setting.tools.ropewalk, "--json", *words], cwd=work, out=out)
            if result.status:
                raise RuntimeError(f"ropewalk {' '.join(words)}: {_problem(result, out)}")
            found: dict[str, Any] = json.loads(out.read_text())
            return found

        planned = most(document("--dry", "inventory.py", "deploy.py"))
        first = document("-y", "inventory.py", "deploy.py")
        again = most(document("--dry", "inventory.py", "quiet.py"))
        applied = document("-y", "inventory.py", "quiet.py")
    if applied["totals"]["operations"].get("changed"):
        raise RuntimeError("the deploy changes something although nothing is to be done")
    return counts(
        plan_first=planned["round_trips"],
        apply_first=most(first)["round_trips"] - planned["round_trips"],
        changed=first["totals"]["operations"]["changed"],
        plan=again["round_trips"],
        apply_quiet=most(applied)["round_trips"] - again["round_trips"],
        channels=most(first)["channels"],
    )


def copy_of_deploy(directory: Path) -> Path:
    """Copy bench/deploy into a directory; return where it is."""
    return Path(shutil.copytree(HERE / "deploy", directory / "deploy", ignore=shutil.ignore_patterns("__pycache__")))


def most(document: Mapping[str, Any]) -> dict[str, int]:
    """Return the largest number of round trips and channels that a host of a JSON document needed."""
    every = [host["stats"] for host in document["hosts"].values()]
    return {key: max(stats[key] for stats in every) for key in ("round_trips", "channels")}


def _problem(result: Measured, out: Path) -> str:
    """Return how a program failed, with the end of what it said; nothing when it did not fail."""
    if not result.status:
        return ""
    said = out.read_bytes() + out.with_name(f"{out.name}.err").read_bytes()
    return f"exit status {result.status}: {said.decode(errors='replace')[-2000:]}"
