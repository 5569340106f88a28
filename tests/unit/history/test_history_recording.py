"""Recording makes no run fail: what cannot be kept is one warning. Nor does it keep a secret."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ropewalk.history import tree
from ropewalk.history.journal import read
from ropewalk.history.store import Store
from ropewalk.model.event import OperationEnded
from support.past import Story

DEPLOY = 'say("one")\nsay("two")\n'


def test_a_state_directory_that_is_a_file(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.state.write_text("")
    assert story.run(DEPLOY).result.ok
    assert story.said() == ["one", "two"]
    assert len(story.warnings) == 2  # of history and of what is owed, each once
    assert all("Not a directory" in warning or "File exists" in warning for warning in story.warnings)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_disk_that_is_full_from_some_point_on(tmp_path: Path) -> None:
    story = Story(tmp_path)

    def fill(event: Any) -> None:
        if isinstance(event, OperationEnded) and event.operation.name == "one":
            for link in Path("/proc/self/fd").iterdir():
                if os.path.realpath(link).startswith(str(story.state / "runs")):
                    full = os.open("/dev/full", os.O_WRONLY)
                    os.dup2(full, int(link.name))
                    os.close(full)

    assert story.run(DEPLOY, listeners=[fill], pending=False).result.ok
    assert story.said() == ["one", "two"]
    assert story.warnings == ["this run will not be in the history: No space left on device"]
    with Store(story.state) as store:
        assert store.runs() == [], "what there is of it is not taken for a run that was killed"


def test_a_damaged_file_of_debts(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.run(DEPLOY + 'server.shell(commands=["false"])\n')
    [path] = (story.state / "owed").glob("*.jsonl")
    path.write_text('{"host": "a"}\n')
    assert story.run(DEPLOY).result.ok
    assert len(story.warnings) == 1
    assert "damaged" in story.warnings[0]


def test_no_secret_is_kept(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.run(
        'from ropewalk.api import sh\nfrom ropewalk.model.command import Secret\n'
        'server.shell(name="hunter2 is hidden", commands=[sh("echo", Secret("hunter2"))])\n'
        'server.user(user="ada", password="correct-horse")\n'
        'server.shell(name="Fail", commands=["echo hunter2 >&2; false"])\n',
        plan=False,
    )  # fmt: skip
    kept = b"".join(path.read_bytes() for path in story.state.rglob("*") if path.is_file())
    with Store(story.state) as store:
        rows = [row for (table,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
                for row in store.rows(f"SELECT * FROM {table}")]  # fmt: skip
        events = repr(store.events(store.run("last").id))
    assert b"Fail" in kept
    for secret in ("hunter2", "correct-horse"):
        assert secret.encode() not in kept
        assert secret not in repr(rows)
        assert secret not in events


def test_what_depends_on_the_tree_is_recorded(tmp_path: Path) -> None:
    story = Story(tmp_path)
    git = shutil.which("git")
    if git is None:
        pytest.skip("needs git")
    (story.tree / "deploy.py").write_text("")
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for words in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "First"]):
        subprocess.run([git, "-C", str(story.tree), *words], check=True)
    story.run(DEPLOY)  # writes the file anew
    with Store(story.state) as store:
        row = store.run("last")
    assert (len(row.git_commit or ""), row.git_dirty) == (40, 1)


def test_without_a_journal_there_is_none(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.run(DEPLOY, dry=True)
    assert not (story.state / "runs").exists()


def test_an_operation_is_on_record_before_the_next_begins(tmp_path: Path) -> None:
    story = Story(tmp_path)
    seen: list[list[str]] = []

    def look(event: Any) -> None:
        if isinstance(event, OperationEnded):
            [path] = (story.state / "runs").glob("*.jsonl")
            seen.append([line["outcome"] for _, line in read(path) if line.get("event") == "OperationEnded"])

    story.run(DEPLOY, listeners=[look])
    assert seen == [["changed"], ["changed", "changed"]]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["deploy.py", "a/b.py", "t/x.j2"], {"deploy.py", "a/b.py", "t/x.j2"}),
        (["deploy.py", "run.log", "out", "data.db"], {"deploy.py"}),
        (["deploy.py", ".git/hooks/x.py", "__pycache__/a.py", ".venv/x.py"], {"deploy.py"}),
        (["deploy.py", "myenv/pyvenv.cfg", "myenv/lib/x.py"], {"deploy.py"}),
    ],
)
def test_the_code_of_a_tree(tmp_path: Path, files: list[str], found: set[str]) -> None:
    for name in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    assert set(tree.code_of(str(tmp_path))) == found


def test_a_large_tree_is_looked_at_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_FILES", 3)
    for number in range(9):
        (tmp_path / f"{number}.py").write_text("")
    assert list(tree.code_of(str(tmp_path))) == ["0.py", "1.py", "2.py"]


@pytest.mark.parametrize(
    ("now", "differs"),
    [({"a": "1"}, []), ({"a": "2"}, ["a"]), ({}, ["a"]), ({"a": "1", "b": "1"}, ["b"])],
)
def test_files_that_differ(now: dict[str, str], differs: list[str]) -> None:
    assert tree.differing({"a": "1"}, now) == differs


def test_the_root_of_a_tree(tmp_path: Path) -> None:
    deploy = tmp_path / "repo" / "deploys" / "web.py"
    deploy.parent.mkdir(parents=True)
    assert tree.root_of([str(deploy)]) == str(deploy.parent)
    (tmp_path / "repo" / ".git").mkdir()
    assert tree.root_of([str(deploy)]) == str(tmp_path / "repo")
