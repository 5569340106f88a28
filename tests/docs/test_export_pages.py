"""What the pages about exports show works: commands for jq, and the names of options."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ropewalk.cli.options import click_options
from support.pages import blocks

DOCS = Path(__file__).parents[2] / "docs"
JQ = [
    line
    for block in blocks(DOCS / "events.md")
    for line in block.text.splitlines()
    if block.language == "sh" and line.startswith("jq ")
]
DEPLOY = """
from ropewalk.operations import server

server.shell(name="Talk", commands=["echo said; false"])
"""


@pytest.fixture
def run_jsonl(tmp_path: Path) -> Path:
    """Return a directory with the events of a run that failed."""
    (tmp_path / "deploy.py").write_text(DEPLOY)
    words = [sys.executable, "-m", "ropewalk", "-y", "@local", "deploy.py", "--events", "run.jsonl"]
    assert subprocess.run(words, cwd=tmp_path, capture_output=True, check=False).returncode == 1
    return tmp_path


def test_the_commands_for_jq_find_something(run_jsonl: Path) -> None:
    if shutil.which("jq") is None:
        pytest.skip("needs jq")
    assert len(JQ) >= 4
    written = []
    for line in JQ:
        command = line.replace("web1", "@local")
        done = subprocess.run(["sh", "-c", command], cwd=run_jsonl, capture_output=True, text=True, check=False)
        assert done.stderr == "", line
        assert done.returncode == (1 if " -e " in line else 0), line
        written.append(done.stdout)
    assert written[0] == "@local\tTalk\texit status 1\n"
    assert written[1] == "said\n"
    assert "echo said; false" in written[2]
    assert written[3] == "false\n"


PIPELINES = {
    "# .github/workflows/deploy.yml": ["--builtin-schema", "vendor.github-workflows"],
    "# .gitlab-ci.yml": ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    "# azure-pipelines.yml": ["--builtin-schema", "vendor.azure-pipelines", "--data-transform", "azure-pipelines"],
}


def pipelines() -> dict[str, str]:
    """Return the examples for CI systems, by their first lines."""
    found = [block.text for block in blocks(DOCS / "ci.md") if block.language == "yaml"]
    return {text.partition("\n")[0]: text for text in found}


@pytest.mark.parametrize("name", PIPELINES)
def test_the_pipelines_are_as_the_schemas_of_their_systems_say(name: str, tmp_path: Path) -> None:
    assert pipelines().keys() == PIPELINES.keys()
    (tmp_path / "ci.yml").write_text(pipelines()[name])
    words = [sys.executable, "-m", "check_jsonschema", *PIPELINES[name], "ci.yml"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", PIPELINES)
def test_the_commands_of_the_pipelines_make_what_is_taken_from_there(name: str, tmp_path: Path) -> None:
    text = pipelines()[name].replace("$(Build.ArtifactStagingDirectory)/", "")
    commands = re.findall(r"(?:^|run:|-|&&) +(ropewalk .+)", text, re.MULTILINE)
    assert commands
    (tmp_path / "inventory.py").write_text("hosts = ['@local']\n")
    (tmp_path / "deploy.py").write_text(DEPLOY)
    for command in commands:
        words = [sys.executable, "-m", *command.split()]
        environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "GITHUB_ACTIONS": ""}
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == (0 if "--dry" in command else 1), done.stderr
    taken = re.findall(r"(?:path|junit|testResultsFiles): *([a-z./]+)", text)
    assert taken
    assert [file for file in taken if not (tmp_path / file).stat().st_size] == []


def test_options_on_the_pages_exist() -> None:
    known = {flag for _, option in click_options() for flag in (*option.opts, *option.secondary_opts)}
    text = "".join((DOCS / page).read_text() for page in ("ci.md", "events.md"))
    shown = set(re.findall(r"`(--[a-z-]+)", text))
    shown |= {flag for line in re.findall(r"ropewalk .*", text) for flag in re.findall(r"(?<= )--[a-z-]+", line)}
    assert {"--events", "--junit", "--github", "--no-github", "--otel", "--no-otel", "--dry"} <= shown
    assert shown - known == set()
