"""The comparison with other tools: its arithmetic, its tables, how it starts each tool. Nothing is measured here."""

from __future__ import annotations

import configparser
import json
import os
import runpy
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench import budgets, compare, deploys, engine, exports, machine, plot, process, scale, table  # noqa: E402
from bench.figures import FIRST, SECOND, Figure, Run, find, medians, trips  # noqa: E402
from bench.lab import Host  # noqa: E402
from bench.tools import Tools  # noqa: E402

HOST = Host("web 1", "192.0.2.1", "192.0.2.101", "root", "/keys/a b", "/keys/known", 2222)


def _run(tool: str = "ropewalk", wall: float = 1.0, run: str = FIRST, hosts: int = 1, rtt: int = 0) -> Run:
    return Run(tool, hosts, rtt, run, wall, cpu=wall / 2, rss=50.0, servers_cpu=wall / 4)


@pytest.mark.parametrize(
    ("value", "least", "verdict"),
    [
        (0.5, False, "stretch"),
        (1.0, False, "stretch"),
        (1.5, False, "met"),
        (2.0, False, "met"),
        (2.1, False, "missed"),
        (None, False, ""),
        (2.1, True, "stretch"),
        (1.5, True, "missed"),
    ],
)
def test_a_figure_is_held_against_its_budget(value: float | None, least: bool, verdict: str) -> None:
    assert Figure("x", value, budget=2.0, stretch=2.0 if least else 1.0, least=least).verdict == verdict


def test_a_figure_without_a_budget_has_no_verdict() -> None:
    assert Figure("x", 1.0).verdict == ""


def test_medians_are_taken_of_runs_that_are_alike_and_well() -> None:
    walls = [3.0, 1.0, 2.0]
    runs = [_run(wall=wall) for wall in walls]
    runs += [_run("pyinfra", 9.0), _run(wall=7.0, run=SECOND), _run(wall=8.0, rtt=100), _run(wall=6.0, hosts=10)]
    runs.append(replace(_run(wall=100.0), problem="exit status 1"))
    rows = medians(runs)
    assert [(row.tool, row.hosts, row.rtt, row.run, row.wall, row.repeats) for row in rows] == [
        ("ropewalk", 1, 0, FIRST, 2.0, 3),
        ("pyinfra", 1, 0, FIRST, 9.0, 1),
        ("ropewalk", 1, 0, SECOND, 7.0, 1),
        ("ropewalk", 1, 100, FIRST, 8.0, 1),
        ("ropewalk", 10, 0, FIRST, 6.0, 1),
    ]
    assert rows[0].servers_cpu == 0.5
    assert rows[0].sessions is None
    assert find(rows, "pyinfra", 1, 0, FIRST) == rows[1]
    assert find(rows, "pyinfra", 1, 0, SECOND) is None


def test_a_tool_that_only_failed_has_no_row() -> None:
    assert medians([replace(_run(), problem="exit status 1")]) == []


def test_round_trips_follow_from_the_times_with_and_without_delay() -> None:
    assert trips(0.4, 1.4, 100) == pytest.approx(10)


def test_the_share_is_of_the_same_case() -> None:
    runs = [_run(wall=1.0), _run("pyinfra", 10.0), _run(wall=2.0, run=SECOND), _run("pyinfra", 4.0, SECOND, hosts=10)]
    (share,) = budgets.shares(medians(runs))
    assert (share.value, share.budget, share.stretch, share.verdict) == (0.1, 1 / 5, 1 / 8, "stretch")
    assert "first run" in share.name


def test_a_case_without_a_budget_is_told_all_the_same() -> None:
    (share,) = budgets.shares(medians([_run(rtt=100, hosts=50), _run("pyinfra", 2.0, rtt=100, hosts=50)]))
    assert (share.value, share.verdict) == (0.5, "")


def test_what_grows_faster_than_its_cause_shows() -> None:
    def run(hosts: int, operations: int, cpu: float, rss: int) -> dict[str, float]:
        figures = {"cpu_us_per_operation": cpu, "peak_rss_mib": rss, "plan_us": 1.0, "apply_us": 2.0, "wall_s": 3.0}
        return {"hosts": hosts, "operations": operations, **figures}

    cpu, rss, multiple, kept = scale.of(run(1000, 100, 150.0, 250), run(100, 100, 100.0, 80), run(100, 400, 90.0, 110))
    assert (cpu.value, cpu.verdict) == (150.0, "met")
    assert (rss.value, rss.verdict) == (250, "stretch")
    assert (multiple.value, multiple.verdict) == (1.5, "missed")
    assert (kept.value, kept.verdict) == (pytest.approx(30 * 1024 / 30_000), "met")


def test_simulated_hosts_answer_as_a_shell_does(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    deploy = tmp_path / "deploy.py"
    deploy.write_text(engine.DEPLOY.format(base=f"{tmp_path}/site", parts=1))
    engine.converge(deploy)
    found = engine.measure(deploy, hosts=2, rtt=0.001)
    assert (found["hosts"], found["operations"]) == (2, 100)
    assert found["round_trips"] <= 5


def test_logins_are_taken_off_what_servers_spend() -> None:
    rows = medians([_run(wall=4.0, hosts=2), _run("floor", 2.0, hosts=2)])
    (figure,) = budgets.servers(rows, login=0.1, floor_login=0.05)
    assert figure.value == pytest.approx((0.5 - 0.1) / (0.25 - 0.05))
    assert list(budgets.servers(rows, None, None)) == []


def test_counts_are_per_operation() -> None:
    figures = budgets.counts(plan_first=3, apply_first=48, changed=24, plan=6, apply_quiet=1, channels=1)
    assert [(figure.value, figure.verdict) for figure in figures] == [
        (6, "missed"),
        (1, "missed"),
        (2.0, "met"),
        (1, "stretch"),
    ]


def test_the_host_that_needed_most_counts() -> None:
    stats = [{"round_trips": 3, "channels": 2}, {"round_trips": 5, "channels": 1}]
    document = {"hosts": {str(i): {"stats": entry} for i, entry in enumerate(stats)}}
    assert deploys.most(document) == {"round_trips": 5, "channels": 2}


def test_tables_have_as_many_cells_in_every_line() -> None:
    rows = medians([_run(), _run("pyinfra", 4.0), _run(rtt=100)])
    figures = [Figure("a | b", 0.5, "s", 1, note="how"), Figure("none", None, budget=3)]
    text = table.deploys(rows) + table.figures(figures)
    lines = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == (2 + 2) + (2 + 1) + (2 + 2)
    assert {line.count("|") for line in lines[:7]} == {11}
    assert {line.count("|") for line in lines[7:]} == {8}
    assert "### 1 host, 100 ms" in text
    assert "| 0.25 |" in lines[2]
    assert "not measured" in lines[-1]


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [("s", 0.1234, "0.12 s"), ("MiB", 33.4, "33 MiB"), ("", 5, "5"), ("", 0.0667, "0.067"), ("x", 1.5, "1.50 x")],
)
def test_values_have_the_digits_that_say_something(unit: str, value: float, shown: str) -> None:
    assert f"| {shown} |" in table.figures([Figure("x", value, unit)])


def test_the_picture_is_valid_and_its_bars_are_to_scale() -> None:
    picture = ElementTree.fromstring(plot.svg(medians([_run(), _run("pyinfra", 4.0), _run(rtt=100)])))
    space = "{http://www.w3.org/2000/svg}"
    bars = [float(bar.attrib["width"]) for bar in picture.iter(f"{space}rect") if bar.attrib["width"] != "100%"]
    assert bars == [75.0, 300.0, 300.0]
    words = [text.text for text in picture.iter(f"{space}text")]
    assert {"ropewalk", "pyinfra", "1 host, 100 ms round trip", "4.00"} <= set(words)


def test_options() -> None:
    short = compare.parser().parse_args(["--short", "--hosts", "2,3"])
    assert (short.hosts, short.runs, short.tools, short.rtt) == (
        [2, 3],
        "1",
        ["floor", "ropewalk", "pyinfra"],
        [0, 100],
    )
    given = compare.parser().parse_args(["--skip", "ansible:50", "--skip", "mitogen:50"])
    assert given.skip == [("ansible", 50), ("mitogen", 50)]
    assert compare.repeats("3,ansible=1", ["pyinfra", "ansible"]) == {"pyinfra": 3, "ansible": 1}


def test_an_unknown_tool_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        compare.parser().parse_args(["--tools", "ropewalk,cehf"])
    assert "no such tool: cehf" in capsys.readouterr().err


def test_failures_are_told_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "HERE", tmp_path)
    runs = [_run(), replace(_run("pyinfra"), problem="exit status 1: boo")]
    about = {"date": "2024-05-06T07:08:09+00:00", "load": 0.1, "versions": {"a": "1"}, "machine": machine.describe()}
    rows = medians(runs)
    text = compare.report(about, runs, rows, [Figure("x", 1.0, "s", 2.0)])
    assert "FAILED: pyinfra" in text
    assert "boo" in text
    compare.write("name", about, runs, rows, [Figure("x", 1.0, "s", 2.0)])
    document = json.loads((tmp_path / "results" / "2024-05-06-name.json").read_text())
    assert [run["problem"] for run in document["runs"]] == ["", "exit status 1: boo"]
    assert document["figures"][0]["verdict"] == "met"
    assert (tmp_path / "results" / "2024-05-06-name.svg").exists()
    assert os.uname().nodename not in json.dumps(document["machine"])


@pytest.mark.parametrize("tool", ["ropewalk", "pyinfra"])
def test_the_inventory_names_the_hosts(tool: str, tmp_path: Path) -> None:
    call = Tools(tmp_path / "ropewalk", tmp_path).deploy(tool, [HOST], tmp_path)
    assert "-y" in call.argv
    (((address, data),), every) = runpy.run_path(str(tmp_path / "inventory.py"))["hosts"]
    assert (address, data["ssh_port"], data["ssh_key"]) == ("192.0.2.1", 2222, "/keys/a b")
    assert every["ssh_known_hosts_file"] == "/keys/known"


def test_ansible_reads_no_configuration_of_the_user(tmp_path: Path) -> None:
    call = Tools(tmp_path / "ropewalk", tmp_path).deploy("ansible", [HOST], tmp_path)
    settings = configparser.ConfigParser()
    settings.read(call.env["ANSIBLE_CONFIG"])
    assert settings["ssh_connection"]["pipelining"] == "True"
    assert "-F /dev/null" in settings["ssh_connection"]["ssh_args"]
    assert (tmp_path / str(call.argv[-1])).exists()


def test_the_floor_fails_when_one_host_fails(tmp_path: Path) -> None:
    hosts = [HOST, HOST.at("192.0.2.2")]
    call = Tools(tmp_path / "ropewalk", tmp_path).deploy("floor", hosts, tmp_path)
    script = (tmp_path / "floor-all.sh").read_text()
    assert "root@192.0.2.1" in script
    assert "'IdentityFile=/keys/a b'" in script
    ssh = tmp_path / "ssh"
    ssh.write_text('#!/bin/sh\ncat >/dev/null\ncase "$*" in *192.0.2.1*) exit 1 ;; esac\n')
    ssh.chmod(0o755)
    path = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    work = deploys.copy_of_deploy(tmp_path / "copy")
    (work / "floor-all.sh").write_text(script)
    assert subprocess.run([*call.argv], cwd=work, env=path, check=False).returncode == 1
    (work / "floor-all.sh").write_text(script.replace("192.0.2.1", "192.0.2.3"))
    assert subprocess.run([*call.argv], cwd=work, env=path, check=False).returncode == 0


def test_a_program_is_measured_with_what_it_leaves_behind(tmp_path: Path) -> None:
    busy = "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done"
    done = process.measured(
        ["sh", "-c", f"echo out; echo err >&2; ({busy}) & exit 3"], cwd=tmp_path, out=tmp_path / "o"
    )
    assert done.status == 3
    assert ((tmp_path / "o").read_text(), (tmp_path / "o.err").read_text()) == ("out\n", "err\n")
    alone = process.measured(["sh", "-c", "exit 0"], cwd=tmp_path, out=tmp_path / "o")
    assert done.cpu > alone.cpu
    assert done.rss > 0


def test_a_quiet_machine_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = iter([0.2, 0.5, 0.95, 0.1])
    monkeypatch.setattr(machine, "idle", lambda: next(shares))
    assert machine.quiet(patience=60) == 0.95
    assert machine.quiet(patience=0) == 0.1


def test_the_playbook_does_what_the_deploy_does() -> None:
    playbook = (ROOT / "bench" / "playbook.yml").read_text()
    assert playbook.count("- {name:") == 25


@pytest.mark.parametrize("names", ["", "events,junit,html,history,otel"])
def test_exports_can_be_measured(names: str) -> None:
    assert exports.measure([name for name in names.split(",") if name], 2) > 0
