"""Whole invocations on this machine: what they write where, and how they end."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ropewalk.cli import run as cli_run
from ropewalk.cli.main import main
from ropewalk.cli.prompt import CannotAsk

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schema" / "run.json").read_text())

DEPLOYS = {
    "ok.py": 'server.shell(name="Greet", commands=["echo hello >> out"])',
    "fail.py": """
        server.shell(name="Break", commands=["echo why >&2; exit 3"])
        server.shell(name="Later", commands=["echo later"])
    """,
    "nested.py": """
        def inner():
            server.shell(name="Inner", commands=["exit 4"])
        python.call(name="Outer", function=inner)
    """,
    "ignored.py": 'server.shell(name="Break", commands=["exit 3"], _ignore_errors=True)',
    "raises.py": '{}["missing"]',
    "mistake.py": 'server.shell(commands=["true"], nope=1)',
    "syntax.py": "x = (",
    "empty.py": "",
    "prints.py": 'print("printed")\nserver.shell(name="Greet", commands=["echo hello"])',
    "reads.py": "host.get_fact(Kernel)",
    "noted.py": 'host.log("hello from the deploy")\nlogger.warning("take care")',
}
HEAD = """\
from pyinfra import host, logger
from pyinfra.facts.server import Kernel
from pyinfra.operations import python, server
"""


@pytest.fixture(autouse=True)
def _deploys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("ROPEWALK_YES", "PYINFRA_YES"):
        monkeypatch.delenv(name, raising=False)
    for name, body in DEPLOYS.items():
        (tmp_path / name).write_text(HEAD + textwrap.dedent(body) + "\n")


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def invoke(*argv: str) -> tuple[int, str, str]:
        status = main(list(argv))
        out, err = capfd.readouterr()
        return status, out, err

    return invoke


@pytest.mark.parametrize(
    ("deploy", "status", "says"),
    [
        ("ok.py", 0, ["changed", "Greet", "Done: 1 host ok"]),
        ("fail.py", 1, ["exit status 3", "stderr | why", "fail.py:5", "1 not run"]),
        ("nested.py", 1, ["Outer > Inner", "exit status 4"]),
        ("ignored.py", 0, ["ignored", "1 failed and ignored"]),
        ("raises.py", 1, ["KeyError: 'missing'", "raises.py:4", "nothing was applied"]),
        ("mistake.py", 2, ["error: ", "nope", "mistake.py:4"]),
        ("syntax.py", 2, ["error: ", "syntax.py:4"]),
        ("empty.py", 0, ["no operations"]),
        ("prints.py", 0, ["printed"]),
        ("noted.py", 0, ["[@local] hello from the deploy", "warning: take care"]),
    ],
)
def test_deploys_and_their_ends(run: Run, deploy: str, status: int, says: list[str]) -> None:
    done, out, err = run("-y", "@local", deploy)
    assert done == status
    assert out == ""
    assert [text for text in says if text not in err] == []


@pytest.mark.parametrize("deploy", DEPLOYS)
@pytest.mark.parametrize("options", [["-y"], [], ["--dry", "--detailed-exitcode"], ["-y", "--no-plan"], ["-y", "-vvv"]])
def test_with_json_there_is_one_document_that_agrees_with_the_exit_status(
    run: Run, deploy: str, options: list[str]
) -> None:
    status, out, _ = run("--json", *options, "@local", deploy)
    made = json.loads(out)
    jsonschema.validate(made, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert made["exit_code"] == status
    assert made["operations"] is None or "-y" in options


def test_json_applies_only_with_yes(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("--json", "@local", "ok.py")
    assert (status, json.loads(out)["totals"]["changes_pending"]) == (0, True)
    assert not (tmp_path / "out").exists()


def test_what_was_told_is_in_the_document(run: Run) -> None:
    _, out, err = run("--json", "-y", "@local", "noted.py")
    notes = [(note["level"], note["message"]) for note in json.loads(out)["notes"]]
    assert notes == [("info", "hello from the deploy"), ("warning", "take care")]
    assert "warning: take care" in err


@pytest.mark.parametrize(("options", "status"), [(["--dry"], 0), (["--dry", "--detailed-exitcode"], 3)])
def test_a_dry_run_applies_nothing(run: Run, tmp_path: Path, options: list[str], status: int) -> None:
    done, _, err = run(*options, "@local", "ok.py")
    assert done == status
    assert "Planned; nothing was applied" in err
    assert not (tmp_path / "out").exists()


def _answer(monkeypatch: pytest.MonkeyPatch, answer: bool | Exception) -> list[str]:
    asked: list[str] = []

    async def confirm(question: str) -> bool:
        asked.append(question)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(cli_run, "confirm", confirm)
    return asked


def test_yes_applies(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _answer(monkeypatch, True)
    assert run("@local", "ok.py")[0] == 0
    assert len(asked) == 1
    assert (tmp_path / "out").read_text() == "hello\n"


def test_no_applies_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, False)
    status, _, err = run("@local", "ok.py")
    assert status == 130
    assert "Not applied" in err
    assert not (tmp_path / "out").exists()


def test_where_nobody_answers_nothing_is_applied(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, CannotAsk("cannot ask", hint="use -y"))
    status, _, err = run("@local", "ok.py")
    assert status == 2
    assert "error: cannot ask\n" in err
    assert "  hint: use -y\n" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("argv", [["-y", "@local", "ok.py"], ["--dry", "@local", "ok.py"], ["@local", "empty.py"]])
def test_nobody_is_asked_without_need(run: Run, monkeypatch: pytest.MonkeyPatch, argv: list[str]) -> None:
    asked = _answer(monkeypatch, True)
    assert run(*argv)[0] == 0
    assert asked == []


def test_exec_passes_on_output_and_status(run: Run) -> None:
    status, out, err = run("@local", "exec", "--", "sh", "-c", "echo 'a  b'; echo oops >&2; exit 3")
    assert (status, out) == (1, "a  b\n")
    assert err.startswith("oops\n")
    assert "exit status 3" in err


def test_exec_that_goes_well_says_nothing_else(run: Run) -> None:
    assert run("@local", "exec", "--", "echo $((40 + 2))") == (0, "42\n", "")


def test_exec_of_one_host_is_exact_to_the_byte(tmp_path: Path) -> None:
    data = bytes(range(256)) * 1000 + b"\r\n\n no line end"
    (tmp_path / "data").write_bytes(data)
    words = ["@local", "exec", "--", "cat data; cat data >&2"]
    done = subprocess.run([sys.executable, "-m", "ropewalk", *words], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, data, data)


def test_exec_says_everything_once_however_verbose(run: Run) -> None:
    _, out, err = run("-vvv", "@local", "exec", "--", "echo hello")
    assert (out, err.count("hello\n")) == ("hello\n", 1)  # of the command


def test_exec_hides_secrets_that_are_known(run: Run) -> None:
    words = ("--su-user", "root", "--data", "_su_password=hunter2!", "@local", "exec", "--", "echo hunter2!")
    assert run(*words)[1] == "*****\n"


def test_exec_in_a_document(run: Run) -> None:
    status, out, _ = run("--json", "@local", "exec", "--", "echo", "hello")
    made = json.loads(out)
    assert (status, made["mode"]) == (0, "exec")
    assert made["operations"][0]["hosts"]["@local"]["commands"][0]["stdout"] == "hello\n"


def test_exec_can_be_shown_only(run: Run, tmp_path: Path) -> None:
    status, out, err = run("--dry", "-v", "@local", "exec", "--", "touch out")
    assert (status, out) == (0, "")
    assert "$ touch out" in err
    assert not (tmp_path / "out").exists()


def test_facts_are_data(run: Run) -> None:
    status, out, err = run("@local", "fact", "server.Kernel", "files.File", "path=/nowhere")
    assert (status, err) == (0, "")
    assert json.loads(out) == {
        "server.Kernel": {"@local": os.uname().sysname}, "files.File (path=/nowhere)": {"@local": None},
    }  # fmt: skip


def test_a_fact_that_fails_makes_the_run_fail_and_the_others_are_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cli_run_facts.py").write_text(
        "from pyinfra.api import FactBase\nclass Bad(FactBase):\n    command = 'echo whoops >&2; exit 1'\n"
    )
    status, out, err = run("@local", "fact", "cli_run_facts.Bad", "server.Kernel")
    assert status == 1
    assert json.loads(out) == {"server.Kernel": {"@local": os.uname().sysname}}
    assert "cli_run_facts.Bad" in err
    assert "whoops" in err
    status, out, _ = run("--json", "@local", "fact", "cli_run_facts.Bad")
    made = json.loads(out)
    jsonschema.validate(made, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert "whoops" in made["fact_failures"]["cli_run_facts.Bad"]["@local"]["message"]


def test_facts_of_a_deploy(run: Run) -> None:
    status, out, _ = run("--debug-facts", "@local", "reads.py")
    assert status == 0
    assert json.loads(out) == {"server.Kernel": {"@local": os.uname().sysname}}
    status, out, _ = run("--json", "--debug-facts", "@local", "reads.py")
    assert json.loads(out)["facts"] == {"server.Kernel": {"@local": os.uname().sysname}}


def test_operations_of_a_deploy(run: Run, tmp_path: Path) -> None:
    status, out, err = run("-y", "--debug-operations", "@local", "ok.py")
    assert (status, out) == (0, "")
    assert "$ echo hello >> out" in err
    assert not (tmp_path / "out").exists()


def test_one_operation(run: Run, tmp_path: Path) -> None:
    status, _, err = run("-y", "@local", "server.shell", "echo one > out", "name=Write it", '_env={"A": "1"}')
    assert status == 0
    assert "Write it" in err
    assert (tmp_path / "out").read_text() == "one\n"


def test_one_operation_that_fails(run: Run) -> None:
    status, _, err = run("-y", "@local", "server.shell", "exit 5")
    assert status == 1
    assert "exit status 5" in err


def test_stats_are_told(run: Run) -> None:
    status, _, err = run("-y", "--stats", "@local", "ok.py")
    assert status == 0
    assert "round trips" in err


def test_config_and_options_reach_the_run(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text('from pyinfra import config\nconfig.ENV = {"COLOR": "red"}\n')
    assert run("@local", "exec", "--", "echo $COLOR")[1] == "red\n"
    assert run("--shell-executable", "bash", "@local", "exec", "--", 'echo "${BASH_VERSION:+bash}"')[1] == "bash\n"


def test_data_reaches_deploys(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.py").write_text(HEAD + 'server.shell(name="x", commands=[f"echo {host.data.color} > out"])\n')
    assert run("-y", "--data", "color=blue", "@local", "data.py")[0] == 0
    assert (tmp_path / "out").read_text() == "blue\n"


def test_a_document_is_whole_when_the_deploy_takes_standard_output(run: Run, tmp_path: Path) -> None:
    (tmp_path / "noisy.py").write_text(
        "import os, sys\nos.system('echo from a program')\nsys.__stdout__.write('direct')\nprint('printed')\n"
    )
    status, out, err = run("--json", "-y", "@local", "noisy.py")
    assert (status, json.loads(out)["status"]) == (0, "ok")
    assert "from a program" in err


def test_nothing_waits_for_input_that_never_comes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert run("-y", "@local", "ok.py")[0] == 0


def test_password_before_the_run_needs_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(_: str) -> str | None:
        return None

    monkeypatch.setattr(cli_run, "ask_secret", nobody)
    for option in ("--use-sudo-password", "--ssh-password-prompt"):
        status, _, err = run(option, "@local", "exec", "--", "true")
        assert status == 2
        assert f"{option}: there is no terminal to ask on" in err


def test_password_before_the_run(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    seen: list[Any] = []

    async def answer(prompt: str) -> str | None:
        seen.append(prompt)
        return "hunter2"

    monkeypatch.setattr(cli_run, "ask_secret", answer)
    status, out, err = run("--ssh-password-prompt", "@local", "debug-inventory")
    assert (status, seen) == (0, ["SSH password: "])
    assert "hunter2" not in out + err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
@pytest.mark.parametrize(
    "argv",
    [
        ["@local", "exec", "--", "echo", "x"],
        ["@local", "fact", "server.Kernel"],
        ["@local", "debug-inventory"],
        ["--json", "-y", "@local", "ok.py"],
        ["--json", "nope.py", "ok.py"],
    ],
)
def test_data_that_cannot_be_written_is_a_failure(argv: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ropewalk", *argv], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == (2 if "nope.py" in argv else 1)
    assert "error: standard output cannot be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "ropewalk", "@local", "exec", "--", "echo x; echo y"],
        stdout=writer, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["@local", "folder"], "folder is a directory: name the deploy files in it"),
        (["@local", "text"], "deploy files end with .py: rename text"),
        (["@local", ""], "'' is neither a deploy file nor an operation nor a command"),
        (["@local", "exce"], "did you mean exec?"),
        (["@local", "faill.py"], "did you mean fail.py?"),
    ],
)
def test_words_that_mean_nothing(run: Run, tmp_path: Path, words: list[str], says: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").touch()
    status, _, err = run(*words)
    assert status == 2
    assert says in err


def test_files_that_have_only_their_kind_in_common_are_not_alike(run: Run) -> None:
    assert "did you mean" not in run("@local", "zzzz.py")[2]
