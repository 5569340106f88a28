"""What a run is exported to: complete whatever happens, and never a reason for a run to fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import junitparser
import pytest

from ropewalk.cli import exports
from ropewalk.cli.exports import wants_traces
from ropewalk.cli.main import main
from ropewalk.report import junit
from support import event_lines
from support.event_lines import of
from support.otlp import Collector, collecting

DEPLOYS = {
    "ok.py": 'server.shell(name="Greet", commands=["echo hello"])\nprint("printed")',
    "fail.py": 'server.shell(name="Break", commands=["echo why >&2; exit 3"])',
    "mistake.py": 'server.shell(commands=["true"], nope=1)',
    "syntax.py": "x = (",
    "secret.py": """
from ropewalk.api import Raw, Secret, sh
token = Secret("tiger-token-51cd")
server.shell(name="show", commands=["echo leaked: $TOKEN; echo $TOKEN >&2; exit 1"], _env={"TOKEN": token},
             _ignore_errors=True)
server.shell(name="text", commands=[sh("printf", "%s", token, Raw("; exit 2"))])
""",
}
HEAD = "from ropewalk.operations import python, server\n"


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "OTEL_", "ROPEWALK_", "PYINFRA_")):
            monkeypatch.delenv(name)
    for name, body in DEPLOYS.items():
        Path(name).write_text(HEAD + body + "\n")


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def invoke(*argv: str) -> tuple[int, str, str]:
        status = main(list(argv))
        out, err = capfd.readouterr()
        return status, out, err

    return invoke


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.endpoint)
        yield made


def report(name: str = "j.xml") -> junitparser.JUnitXml:
    made = junitparser.JUnitXml.fromfile(name)
    assert isinstance(made, junitparser.JUnitXml)
    return made


def test_standard_output_carries_the_events_and_nothing_else(run: Run) -> None:
    status, out, err = run("-y", "@local", "ok.py", "--events", "-")
    assert status == 0
    lines = event_lines.read(out)
    assert [line["line"] for line in of(lines, "output_line")] == ["hello"]
    assert of(lines, "run_ended")[0]["exit_code"] == 0
    assert "printed" in err
    assert "Done: 1 host ok" in err


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["-y", "@local", "fail.py"], 1),
        (["@local", "ok.py", "--dry"], 0),
        (["@local", "ok.py", "--dry", "--detailed-exitcode"], 3),
        (["-y", "@local", "mistake.py"], 2),
        (["-y", "@local", "syntax.py"], 2),
        (["-y", "@local", "nothing.py"], 2),
        (["-y", "nowhere.py", "ok.py"], 2),
        (["-y", "@local", "server.shell", "echo"], 0),
        (["@local", "exec", "--", "true"], 0),
        (["@local", "fact", "server.Kernel"], 0),
        (["@local", "fact", "server.Nope"], 2),
    ],
)
def test_every_invocation_is_exported(
    run: Run, collector: Collector, monkeypatch: pytest.MonkeyPatch, words: list[str], status: int
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", os.getcwd())
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    Path("j.xml").write_text("of an earlier run")
    ended, out, err = run(*["--events", "e.jsonl", "--junit", "j.xml", *words])
    assert ended == status
    lines = event_lines.read(Path("e.jsonl").read_text())
    assert lines[-1]["exit_code"] == status
    made, well = report(), status in (0, 3)
    assert (made.failures + made.errors == 0) is well
    assert ("::error " in out + err) is not well
    assert Path("summary.md").read_text().count("### ") == 1
    [root] = [span for span in collector.spans if not span.parent]
    assert root.failed is not well
    assert root.attributes["process.exit.code"] == status
    assert root.attributes["ropewalk.run"] == lines[0]["run"]


def test_exec_and_fact_leave_their_output_to_the_events(run: Run) -> None:
    _, out, _ = run("@local", "exec", "--events", "-", "--", "echo hello")
    assert [line["line"] for line in of(event_lines.read(out), "output_line")] == ["hello"]
    _, out, _ = run("@local", "fact", "server.Kernel", "--events", "-")
    [value] = of(event_lines.read(out), "fact_value")
    assert value["value"] == os.uname().sysname


def test_annotations_are_on_standard_output_unless_that_has_data(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", os.getcwd())
    line = "::error file=fail.py,line=2,title=Break::failed on @local%0A$ echo why"
    _, out, err = run("-y", "@local", "fail.py")
    assert out.startswith(line)
    assert "::error" not in err
    for words in (["--json"], ["--events", "-"]):
        _, out, err = run("-y", "@local", "fail.py", *words)
        assert [json.loads(entry) for entry in out.splitlines()]
        assert line in err
    _, out, err = run("@local", "exec", "--", "echo data; exit 1")
    assert out == "data\n"
    assert "::error title=exec::" in err
    assert "::error" not in "".join(run("-y", "@local", "fail.py", "--no-github")[1:])
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert "::error" not in "".join(run("-y", "@local", "fail.py")[1:])
    assert run("-y", "@local", "fail.py", "--github")[1].startswith("::error file=fail.py")


def test_secrets_are_in_none_of_it(run: Run, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    status, out, err = run("-y", "@local", "secret.py", "--events", "e.jsonl", "--junit", "j.xml", "--github")
    assert status == 1
    texts = [out, err, *(Path(name).read_text() for name in ("e.jsonl", "j.xml", "summary.md")), str(collector.spans)]
    assert ["tiger" in text for text in texts] == [False] * 6
    assert all("*****" in text for text in texts)


def test_paths_are_relative_to_the_directory_of_chdir(run: Run, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "deploy.py").write_text(HEAD)
    assert run("-y", "--chdir", "site", "@local", "deploy.py", "--events", "e.jsonl", "--junit", "j.xml")[0] == 0
    assert {path.name for path in (tmp_path / "site").iterdir()} >= {"deploy.py", "e.jsonl", "j.xml"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--events", "nowhere/e.jsonl"], "cannot be written: No such file or directory"),
        (["--events", "."], "cannot be written: Is a directory"),
        (["--junit", "nowhere/j.xml"], "--junit: there is no directory"),
        (["--junit", "."], "is a directory"),
        (["--junit", "-"], "--junit takes a file"),
        (["--events", "-", "--json"], "both write to standard output"),
        (["--events", "-", "--debug-facts"], "both write to standard output"),
    ],
)
def test_what_cannot_be_made_is_told_before_anything_is_touched(run: Run, words: list[str], says: str) -> None:
    status, out, err = run("-y", "@local", "server.shell", "touch touched", *words)
    assert status == 2
    assert says in out + err
    assert not Path("touched").exists()


@pytest.mark.parametrize("words", [["--events", "-"], ["--junit", "j.xml"], ["--github"], ["--otel"]])
def test_an_inventory_is_no_run(run: Run, words: list[str]) -> None:
    status, _, err = run("@local", "debug-inventory", *words)
    assert status == 2
    assert "debug-inventory is no run" in err
    assert run("@local", "debug-inventory")[0] == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_warning(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/dev/full")
    words = ["--events", "/dev/full", "--junit", "/dev/full", "--github"]
    status, out, err = run("-y", "@local", "server.shell", "touch touched", *words)
    assert (status, out) == (0, "")
    assert Path("touched").exists()
    assert "a report stopped working: --events /dev/full: no space left on device; it is not complete" in err
    assert "warning: --junit /dev/full: cannot be written: No space left on device" in err
    assert "warning: GITHUB_STEP_SUMMARY: cannot be written: No space left on device" in err


def test_a_reader_that_goes_away_is_a_warning() -> None:
    code = "import sys; from ropewalk.cli.main import main; sys.exit(main(sys.argv[1:]))"
    reader, writer = os.pipe()
    os.close(reader)
    words = ["-y", "@local", "server.shell", "touch touched", "--events", "-"]
    done = subprocess.run([sys.executable, "-c", code, *words], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.returncode == 0
    assert Path("touched").exists()
    assert b"--events -: broken pipe; it is not complete" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_report_that_is_a_pipe_or_a_link_is_written_to(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "real.xml"
    target.write_text("before")
    Path("link.xml").symlink_to(target)
    assert run("-y", "@local", "ok.py", "--junit", "link.xml")[0] == 0
    assert Path("link.xml").is_symlink()
    assert report("real.xml").tests == 1
    status, out, _ = run("-y", "@local", "ok.py", "--junit", "/dev/stderr")
    assert (status, out) == (0, "")
    assert not [path.name for path in tmp_path.iterdir() if "part" in path.name]


@pytest.mark.parametrize("option", ["--events", "--junit"])
def test_standard_output_by_its_name_is_standard_output(option: str) -> None:
    words = [sys.executable, "-m", "ropewalk", "-y", "@local", "ok.py", option, "/dev/stdout"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("<?xml" if option == "--junit" else '{"schema_version"')
    assert "Done: 1 host ok" in done.stderr


def test_a_named_pipe_that_nobody_reads_holds_up_no_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "NOBODY", 0.01)
    os.mkfifo("events")
    os.mkfifo("report")
    status, _, err = run("-y", "@local", "ok.py", "--events", "events", "--junit", "report", "--html", "report")
    assert status == 0
    assert "warning: --events events: nobody reads it; it is not complete" in err
    assert "warning: --junit report: cannot be written: nobody reads it" in err
    assert "warning: --html report: cannot be written: nobody reads it" in err
    open(os.open("events", os.O_RDONLY | os.O_NONBLOCK)).close()  # lets the thread go on that waits to write


def test_a_named_pipe_is_read_while_the_run_goes_on() -> None:
    os.mkfifo("events")
    with subprocess.Popen(["cat", "events"], stdout=subprocess.PIPE, text=True) as reader:
        words = [sys.executable, "-m", "ropewalk", "-y", "@local", "ok.py", "--events", "events"]
        subprocess.run(words, stderr=subprocess.DEVNULL, check=True)
        assert event_lines.read(reader.communicate()[0])[-1]["exit_code"] == 0


def test_a_report_that_breaks_is_a_warning(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> str:
        raise IndexError("oops")

    monkeypatch.setattr(junit, "document", broken)
    status, _, err = run("-y", "@local", "ok.py", "--junit", "j.xml", "--events", "e.jsonl")
    assert status == 0
    assert "--junit j.xml: cannot be written: IndexError('oops')" in err
    event_lines.read(Path("e.jsonl").read_text())


# -- traces ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "environment", "expected"),
    [
        (None, {}, False),
        (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, True),
        (None, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x"}, True),
        (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "True"}, False),
        (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "none"}, False),
        (False, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, False),
        (True, {}, True),
    ],
)
def test_traces_are_off_unless_asked_for(asked: bool | None, environment: dict[str, str], expected: bool) -> None:
    assert wants_traces(asked, environment) is expected


def test_a_collector_that_refuses_is_a_warning(run: Run, collector: Collector) -> None:
    collector.answer = 403
    status, out, err = run("-y", "@local", "ok.py")
    assert (status, out) == (0, "")
    assert "warning: --otel: " in err
    assert "spans could not be sent" in err
    assert run("-y", "@local", "ok.py", "--no-otel")[2].count("--otel") == 0


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ([], 0, "warning: no traces are sent: OpenTelemetry is not installed; pip install 'ropewalk[otel]'"),
        (["--otel"], 2, "--otel: OpenTelemetry is not installed"),
    ],
)
def test_without_the_library_there_are_no_traces(
    run: Run, collector: Collector, monkeypatch: pytest.MonkeyPatch, words: list[str], status: int, says: str
) -> None:
    monkeypatch.setitem(sys.modules, "ropewalk.report.otel", None)
    ended, _, err = run("-y", "@local", "ok.py", *words)
    assert ended == status
    assert says in err


def test_other_protocols_are_refused(run: Run, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    status, _, err = run("-y", "@local", "ok.py")
    assert status == 0
    assert "traces are sent as http/protobuf, not as grpc" in err
    assert run("-y", "@local", "ok.py", "--otel")[0] == 2
    assert collector.spans == []
