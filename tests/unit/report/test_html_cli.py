"""``--html`` and ``show --format html``: written whole, whatever becomes of a run, and never why it fails."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.cli.main import main

DEPLOY = """
from ropewalk.api import Secret
from ropewalk.operations import server
server.shell(name="Tell", commands=["echo leaked: $TOKEN; exit 3"], _env={"TOKEN": Secret("tiger-token-51cd")})
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(sys, "path", [*sys.path])
    Path("deploy.py").write_text(DEPLOY)

    def invoke(*argv: str) -> tuple[int, str, str]:
        status = main(list(argv))
        out, err = capfd.readouterr()
        return status, out, err

    return invoke


def data(text: str) -> Any:
    return json.loads(text.partition('<script type="application/json" id="data">')[2].partition("</script>")[0])


def test_a_run_and_its_history_have_the_same_page_without_secrets(run: Run) -> None:
    assert run("-y", "@local", "deploy.py", "--html", "page.html")[0] == 1
    first = Path("page.html").read_text()
    status, second, _ = run("show", "last", "--format", "html")
    assert status == 0
    for text in (first, second):
        assert "tiger-token" not in text
        made = data(text)
        assert dict(made["about"]).items() >= {"Deploy": "deploy.py", "Inventory": "@local"}.items()
        [command] = made["details"][made["hosts"][0]["details"][0]]["commands"]
        assert (command[1], made["texts"][command[3]].strip()) == (3, "leaked: *****")
        assert made["hosts"][0]["lengths"][0] >= 0
        assert made["status"] == "failed"


@pytest.mark.parametrize(
    ("words", "status", "word"),
    [
        (["@local", "deploy.py", "--dry"], 0, "ok"),
        (["-y", "@local", "missing.py"], 2, "usage"),
        (["@local", "exec", "--", "true"], 0, "ok"),
        (["@local", "fact", "server.Kernel"], 0, "ok"),
    ],
)
def test_every_invocation_has_a_page(run: Run, words: list[str], status: int, word: str) -> None:
    Path("page.html").write_text("of an earlier run")
    assert run("--html", "page.html", *words)[0] == status
    assert data(Path("page.html").read_text())["status"] == word
    assert sorted(path.name for path in Path().glob("page*")) == ["page.html"]


def test_arguments_of_commands_are_not_told(run: Run) -> None:
    run("--html", "page.html", "@local", "exec", "--", "true", "tiger-argument")
    assert "tiger-argument" not in str(data(Path("page.html").read_text())["about"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--html", "nowhere/page.html", "@local", "exec", "--", "touch", "ran"], "there is no directory"),
        (["--html", ".", "@local", "exec", "--", "touch", "ran"], "is a directory"),
        (["--html", "-", "@local", "exec", "--", "touch", "ran"], "--html takes a file"),
        (["--html", "page.html", "@local", "debug-inventory"], "there is nothing to export"),
    ],
)
def test_what_cannot_be_written_is_told_before_anything_is_done(run: Run, words: list[str], says: str) -> None:
    status, _, err = run(*words)
    assert status == 2
    assert says in err
    assert not Path("ran").exists()


def test_a_full_disk_is_a_warning(run: Run) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    status, _, err = run("--html", "/dev/full", "@local", "exec", "--", "true")
    assert status == 0
    assert "--html /dev/full: cannot be written" in err
