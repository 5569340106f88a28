"""The repository around the code: scripts, pages and metadata fit together."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ropewalk
from ropewalk.api.registry import get_connector
from ropewalk.api.registry import names as connector_names

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if path.is_file())
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
METADATA = tomllib.loads((ROOT / "pyproject.toml").read_text())


def files() -> list[Path]:
    """Return the files that are kept in the repository."""
    git = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z", "--cached"]
    listed = subprocess.run(git, capture_output=True, text=True, check=False) if shutil.which("git") else None
    if listed is None or listed.returncode != 0:
        pytest.skip("needs git, and a checkout")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def words(pattern: str, paths: list[Path]) -> list[str]:
    """Return where a pattern is found, as ``file:line``."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("script", [*SCRIPTS, ROOT / ".ci" / "run"], ids=lambda path: path.name)
def test_scripts_can_be_run(script: Path) -> None:
    assert os.access(script, os.X_OK)


@pytest.mark.parametrize("shell", ["sh", "dash", "bash --posix", "busybox sh", "zsh --emulate sh"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_posix(script: Path, shell: str) -> None:
    program, *options = shell.split()
    if shutil.which(program) is None:
        pytest.skip(f"needs {program}")
    assert script.read_text().startswith("#!/bin/sh\n")
    done = subprocess.run([program, *options, "-n", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_setup_says_what_is_missing(tmp_path: Path) -> None:
    """With a Python that is too old, one that cannot make environments, and none at all."""
    (tmp_path / "scripts").mkdir()
    setup = shutil.copy(ROOT / "scripts" / "setup", tmp_path / "scripts" / "setup")
    for name in ("pyproject.toml", "hatch_build.py"):
        (tmp_path / name).write_text("")
    old, bare = tmp_path / "old-python", tmp_path / "bare-python"
    old.write_text("#!/bin/sh\n[ $1 = --version ] && echo Python 3.8.1 || exit 1\n")
    bare.write_text(f'#!/bin/sh\ncase $* in "-m venv"*) exit 1;; esac\nexec {sys.executable} "$@"\n')
    for python in (old, bare):
        python.chmod(0o755)
    for python, expected in (
        (old, "needs Python 3.11 or newer"),
        (tmp_path / "absent", "needs Python 3.11 or newer"),
        (bare, "apt-get install python3-venv"),
    ):
        environment = {"PATH": os.environ["PATH"], "PYTHON": str(python)}
        done = subprocess.run(["sh", setup], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert expected in done.stderr


def test_the_metadata_fit_the_code() -> None:
    names = {re.split(r"[^a-z0-9]", dependency)[0] for dependency in METADATA["project"]["dependencies"]}
    assert names == {"asyncssh", "click", "greenlet", "jinja2", "packaging", "pyyaml", "rich"}
    assert METADATA["project"]["requires-python"] == ">=3.11"
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(r"^## \[(.+?)\]", changes, re.MULTILINE)[1] == ropewalk.__version__  # type: ignore[index]


def test_the_command_leads_somewhere() -> None:
    module, _, name = METADATA["project"]["scripts"]["ropewalk"].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("name", ["local", "ssh"])
def test_our_own_connectors_are_there(name: str) -> None:
    assert name in connector_names()
    assert get_connector(name).scheme == name


def test_links_between_pages_lead_somewhere() -> None:
    broken, seen = [], 0
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)):
            if re.match(r"[a-z]+:", target):
                continue
            seen += 1
            name, _, anchor = target.partition("#")
            there = (page.parent / name).resolve() if name else page
            if not there.exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
            elif anchor and anchor not in anchors(there):
                broken.append(f"{page.relative_to(ROOT)}: {target} (no such heading)")
    assert seen > 30
    assert broken == []


def anchors(page: Path) -> set[str]:
    """Return the names that the headings of a page have in links."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = (ROOT / "docs" / "README.md").read_text()
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")} - {"README.md"}
    assert len(pages) >= 8
    assert {page for page in pages if f"({page}" not in contents} == set()


def test_nothing_names_a_place_or_a_person_that_is_not_of_the_project() -> None:
    """Paths of one machine have no business here; written in parts, so that this file is not found."""
    patterns = "|".join((r"/wo" r"rk/", r"\.\./sha" r"red/(design|hooks|lab|reference)", r"/opt/(whe" r"els|py" r"pi)"))
    own = files()
    assert len(own) > 300
    assert words("agentless", own) or words("Agentless", own)
    assert words(patterns, own) == []


def test_no_file_is_large() -> None:
    assert [str(path.relative_to(ROOT)) for path in files() if path.stat().st_size > 200_000] == []


def test_no_module_is_a_grab_bag() -> None:
    assert [path for path in (ROOT / "src").rglob("*.py") if path.stem in {"utils", "helpers", "common", "misc"}] == []
