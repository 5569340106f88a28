"""What the engine itself costs, as figures: bench/engine.py in processes of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.figures import Figure
from bench.process import measured
from bench.tools import HERE

HOSTS, OPERATIONS = 1000, 100
#: A number of hosts and operations to compare with: what grows with them shows.
_FEW, _MANY = 100, 400


def figures(python: Path, work: Path) -> list[Figure]:
    """Return what many simulated hosts cost, and whether more hosts and more operations cost more than their share.

    :param python: of the environment that ropewalk is installed in.
    """
    full = _measure(python, work, HOSTS, OPERATIONS)
    few = _measure(python, work, _FEW, OPERATIONS)
    many = _measure(python, work, _FEW, _MANY)
    return of(full, few, many)


def of(full: dict[str, Any], few: dict[str, Any], many: dict[str, Any]) -> list[Figure]:
    """Return the figures of three runs: many hosts, few hosts, few hosts with many operations."""
    cpu, rss = "cpu_us_per_operation", "peak_rss_mib"
    kept = (many[rss] - few[rss]) * 1024 / (many["hosts"] * (many["operations"] - few["operations"]))
    return [
        Figure(
            f"engine, {full['hosts']:,} simulated hosts, {full['operations']} operations, nothing to do: "
            "CPU per host and operation",
            full[cpu], "us", 200, 100,
            note=f"plan {full['plan_us']} us, apply {full['apply_us']} us; {full['wall_s']} s in all",
        ),
        Figure("the same: peak memory", full[rss], "MiB", 600, 300, note=f"{few['hosts']} hosts: {few[rss]} MiB"),
        Figure(
            "the same: CPU per host and operation, as a multiple of that with few hosts", full[cpu] / few[cpu], "x",
            1.25, 1.1, note=f"{few['hosts']} hosts: {few[cpu]} us",
        ),
        Figure(
            "the same: memory that stays for an operation on a host, its results", kept, "KiB", 2, 1,
            note=f"{many['operations']} operations on {many['hosts']} hosts: {many[rss]} MiB",
        ),
    ]  # fmt: skip


def _measure(python: Path, work: Path, hosts: int, operations: int) -> dict[str, Any]:
    out = work / "out"
    argv: Sequence[str | Path] = [
        python, HERE / "engine.py", "--hosts", str(hosts), "--operations", str(operations)
    ]  # fmt: skip
    done = measured(argv, cwd=work, out=out)
    if done.status:
        raise RuntimeError(f"bench/engine.py: {out.with_name('out.err').read_text(errors='replace')[-2000:]}")
    found: dict[str, Any] = json.loads(out.read_text())
    return found
