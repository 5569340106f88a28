#!/usr/bin/env python3
"""Compares ropewalk with its peers: the same 25 operations, on the same hosts, in the same run.

Needs Linux, root and OpenSSH; hosts are made by tests/lab/testhosts. With --inventory they are yours: throw-away
machines, for root's account is logged into and the deploy's work is undone before every first run. The peers are
installed once, into environments of their own.

Prints Markdown; writes bench/results/DATE-NAME.json and .svg.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import budgets, deploys, machine, micro, plot, scale, table
from bench.figures import Figure, Median, Run, medians
from bench.lab import Given, Lab, LabError, MadeHosts
from bench.tools import HERE, NAMES, Tools

T = TypeVar("T")


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print and write everything; return 0, or 1 when a run failed."""
    options = parser().parse_args(words)
    names = [name for name in NAMES if name in options.tools]
    tools = Tools(options.ropewalk, options.cache)
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        os.environ["XDG_STATE_HOME"] = work  # runs that are measured are recorded, but not among other runs
        try:
            lab: Lab = Given(options.inventory, Path(work)) if options.inventory else MadeHosts()
        except LabError as error:
            print(error, file=sys.stderr)
            return 2
        tools.install(names)
        began = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "load": machine.load()}
        setting = deploys.Setting(lab, tools, options.patience)
        times = repeats(options.runs, names) if "deploy" in options.parts else {}
        rtts = options.rtt if lab.delays else [0]
        runs = _until_stopped(deploys.matrix(setting, options.hosts, rtts, times, frozenset(options.skip)))
        rows = medians(runs)
        figures = list(budgets.shares(rows))
        if "small" in options.parts:
            figures += _until_stopped(_small(setting, names, rows, max(options.hosts), Path(work)))
    about = {**began, "versions": tools.versions(names), "machine": machine.describe()}
    print(report(about, runs, rows, figures))
    write(options.name, about, runs, rows, figures)
    return 1 if any(run.problem for run in runs) else 0


def _until_stopped(measuring: Iterable[T]) -> list[T]:
    """Return everything that is measured; after Ctrl-C, what was until then."""
    found: list[T] = []
    try:
        for one in measuring:
            found.append(one)
    except KeyboardInterrupt:
        print("stopped: what was measured until now is reported", file=sys.stderr)
    return found


def _small(
    setting: deploys.Setting, names: Sequence[str], rows: Sequence[Median], most: int, work: Path
) -> Iterator[Figure]:
    """Measure the small things."""
    lab, bench = setting.lab, micro.Bench(setting, names, work)
    machine.quiet(setting.patience)
    yield from deploys.without_clock(setting)
    yield from scale.figures(setting.tools.ropewalk.with_name("python"), work)
    with lab.fresh(1, micro.RTT) as (host,):
        login, floor = bench.logging_in(host)
        yield from budgets.servers(rows, login, floor)
        yield from bench.starting()
        if lab.delays:
            yield from bench.connecting(host)
        yield from bench.uploading(host)
        yield from bench.syncing(host)
        yield from bench.talking(host)
    if most > 1:
        with lab.fresh(most, 0) as hosts:
            yield from bench.many(hosts)


def repeats(text: str, names: Sequence[str]) -> dict[str, int]:
    """Return how often each tool runs.

    >>> repeats("3,ansible=1", ["pyinfra", "ansible"])
    {'pyinfra': 3, 'ansible': 1}
    """
    usual, *others = text.split(",")
    special = dict(entry.split("=", 1) for entry in others)
    return {name: int(special.get(name, usual)) for name in names}


def report(about: dict[str, Any], runs: Sequence[Run], rows: Sequence[Median], figures: Sequence[Figure]) -> str:
    """Return everything as Markdown."""
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    here = about["machine"]
    loads = [run.load for run in runs if run.load is not None]
    idle = [run.idle for run in runs if run.idle is not None]
    parts = [
        f"{about['date']}: {versions}; {here['cores']} cores ({here['cpu']}), {here['memory_gib']} GiB, "
        f"Linux {here['kernel']}, Python {here['python']}.",
        f"Before the runs the load was {min(loads):.1f} to {max(loads):.1f}, and {min(idle):.0%} to {max(idle):.0%} "
        "of the cores were idle." if loads and idle else "",
        "\n".join(f"- FAILED: {run.tool}, {run.hosts} hosts, {run.rtt} ms, {run.run} run: {run.problem}"
                  for run in runs if run.problem),
        "## The deploy\n\n" + table.deploys(rows) if rows else "",
        "## Budgets\n\n" + table.figures(figures) if figures else "",
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def write(
    name: str, about: dict[str, Any], runs: Sequence[Run], rows: Sequence[Median], figures: Sequence[Figure]
) -> None:
    """Write the results as JSON, and the picture."""
    directory = HERE / "results"
    directory.mkdir(exist_ok=True)
    stem = f"{about['date'][:10]}-{name}"
    document = {
        **about,
        "runs": [asdict(run) for run in runs],
        "medians": [asdict(row) for row in rows],
        "figures": [{**asdict(figure), "verdict": figure.verdict} for figure in figures],
    }
    (directory / f"{stem}.json").write_text(json.dumps(document, indent=1) + "\n")
    if rows:
        (directory / f"{stem}.svg").write_text(plot.svg(rows))


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--short", action=_Short, nargs=0, help="floor, ropewalk and pyinfra, 1 and 10 hosts, one run")
    made.add_argument("--hosts", type=_numbers, default=[1, 10, 50], metavar="N,...", help="default: 1,10,50")
    made.add_argument("--rtt", type=_numbers, default=[0, 100], metavar="MS,...", help="default: 0,100")
    made.add_argument("--runs", default="3", metavar="K[,TOOL=K...]", help="default: 3")
    made.add_argument("--tools", type=_tools, default=list(NAMES), metavar="TOOL,...", help=f"of {', '.join(NAMES)}")
    made.add_argument("--skip", type=_case, action="append", default=[], metavar="TOOL:HOSTS", help="leave out a case")
    made.add_argument("--inventory", type=Path, metavar="FILE", help="JSON: [{address, user, key, port}, ...]")
    made.add_argument("--parts", type=_parts, default=["deploy", "small"], metavar="PART,...", help="of deploy, small")
    made.add_argument("--patience", type=float, default=60, metavar="S", help="seconds to wait for a quiet machine")
    made.add_argument("--name", default="compare", help="of the files of results (default: compare)")
    made.add_argument("--ropewalk", type=Path, default=_ropewalk(), metavar="PROGRAM", help="default: of this checkout")
    made.add_argument("--cache", type=Path, default=_cache(), metavar="DIR", help="where peers are installed")
    return made


class _Short(argparse.Action):
    """``--short`` is other options together; those that come after it win."""

    def __call__(self, parser: object, namespace: argparse.Namespace, *_: object) -> None:
        namespace.hosts, namespace.runs, namespace.tools = [1, 10], "1", ["floor", "ropewalk", "pyinfra"]
        namespace.name = "short"


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def _tools(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(NAMES):
        raise argparse.ArgumentTypeError(f"no such tool: {', '.join(sorted(unknown))}")
    return names


def _parts(text: str) -> list[str]:
    parts = text.split(",")
    if unknown := set(parts) - {"deploy", "small"}:
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(sorted(unknown))}")
    return parts


def _case(text: str) -> tuple[str, int]:
    tool, _, hosts = text.partition(":")
    return tool, int(hosts)


def _ropewalk() -> Path:
    return HERE.parent / ".venv" / "bin" / "ropewalk"


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ropewalk-bench"


if __name__ == "__main__":
    sys.exit(main())
