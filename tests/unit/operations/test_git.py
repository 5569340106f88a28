"""Git operations on real repositories: carried out, looked at by git, and nothing to do the second time."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ropewalk.model.command import Change
from ropewalk.model.errors import FactError, OperationError
from ropewalk.operations import git
from support.apply_steps import CommandFailed, Machine
from support.hostile import NAMES

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

CONFIG = """
[user]
    name = Ann
    email = ann@example.org
[init]
    defaultBranch = main
[protocol "file"]
    allow = always
[advice]
    detachedHead = false
"""


def run(command: str, where: Path) -> str:
    done = subprocess.run(["sh", "-ec", command], cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(CONFIG)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return home


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with a branch, a tag, and a branch whose name ends like another's."""
    run("git init -q 'the origin'; cd 'the origin'; echo 1 >f; git add f; git commit -qm 1; git tag v1", tmp_path)
    run("git branch next; git checkout -q -b feature/next; echo x >x; git add x", tmp_path / "the origin")
    run("git commit -qm x; git checkout -q main", tmp_path / "the origin")
    return tmp_path / "the origin"


def commit(where: Path, branch: str = "main") -> str:
    """Add a commit to a branch; return its name."""
    return run(f"git checkout -q {branch}; echo x >>f; git commit -qam more; git rev-parse HEAD", where)


def head(where: Path) -> str:
    return run("git rev-parse HEAD", where)


def commands(steps: list) -> list[str]:  # type: ignore[type-arg]
    return [str(step) for step in steps if not isinstance(step, Change)]


@pytest.mark.parametrize("name", NAMES)
def test_a_clone(here: Machine, host: Path, origin: Path, name: str) -> None:
    dest = host / name
    here.converge(git.repo, str(origin), str(dest))
    newest = commit(origin)
    done = here.converge(git.repo, str(origin), str(dest))
    assert isinstance(done.steps[0], Change)
    assert head(dest) == newest
    here.converge(git.repo, str(origin), str(dest), branch="v1")
    assert (dest / "f").read_text() == "1\n"


def test_a_path_that_is_relative(here: Machine, host: Path, origin: Path) -> None:
    here.converge(git.repo, str(origin), "-clone")
    here.converge(git.repo, str(origin), "~/clone")
    assert (host / "-clone" / "f").exists()


def test_branches_tags_and_commits(here: Machine, host: Path, origin: Path) -> None:
    dest = host / "clone"
    here.converge(git.repo, str(origin), str(dest), branch="next")
    assert head(dest) == run("git rev-parse next", origin)  # not that of feature/next
    run("git tag -a -m x v2; git tag alias", origin)
    first = run("git rev-parse v1", origin)
    for branch in ("main", "v2", "feature/next", "alias", first, first[:9], "v1", "next"):
        here.converge(git.repo, str(origin), str(dest), branch=branch, fetch_tags=True)
        assert head(dest) == run(f"git rev-parse '{branch}^{{commit}}'", origin)
    newest = commit(origin, "main")
    here.converge(git.repo, str(origin), str(dest), branch="main")
    assert head(dest) == newest


def test_a_branch_that_was_left_behind_is_pulled(here: Machine, host: Path, origin: Path) -> None:
    dest = host / "clone"
    here.converge(git.repo, str(origin), str(dest))
    here.converge(git.repo, str(origin), str(dest), branch="next")
    newest = commit(origin, "main")
    here.converge(git.repo, str(origin), str(dest), branch="main")
    assert head(dest) == newest


def test_not_pulling(here: Machine, host: Path, origin: Path) -> None:
    dest = host / "clone"
    here.converge(git.repo, str(origin), str(dest))
    before = head(dest)
    commit(origin)
    assert here.evaluate(git.repo, str(origin), str(dest), pull=False).steps == []
    assert here.evaluate(git.repo, str(origin), str(dest), branch="main", pull=False).steps == []
    assert head(dest) == before


def test_a_detached_clone_stays(here: Machine, host: Path, origin: Path) -> None:
    dest = host / "clone"
    here.converge(git.repo, str(origin), str(dest), branch="v1")
    commit(origin)
    assert here.evaluate(git.repo, str(origin), str(dest)).steps == []


def test_commits_of_the_clone(here: Machine, host: Path, origin: Path) -> None:
    """More commits than the origin has are nothing to pull; others come before them, or are merged."""
    dest = host / "clone"
    here.converge(git.repo, str(origin), str(dest))
    run("echo l >l; git add l; git commit -qm local", dest)
    assert here.evaluate(git.repo, str(origin), str(dest)).steps == []
    newest = commit(origin)
    here.converge(git.repo, str(origin), str(dest), rebase=True)
    assert run("git rev-parse HEAD~1", dest) == newest
    commit(origin)
    with pytest.raises(CommandFailed, match="reconcile"):
        here.apply(git.repo, str(origin), str(dest))
    run("git config pull.rebase false", dest)
    here.converge(git.repo, str(origin), str(dest))


def test_another_origin(here: Machine, host: Path, origin: Path, tmp_path: Path) -> None:
    dest, other = host / "clone", tmp_path / "other.git"
    here.converge(git.repo, str(origin), str(dest))
    run(f"git clone -q --bare 'the origin' '{other}'; git -C '{other}' branch fresh", tmp_path)
    done = here.converge(git.repo, str(other), str(dest))
    assert done.steps[0] == Change("origin", str(origin), str(other))
    run("git remote remove origin", dest)
    here.converge(git.repo, f"file://{other}", str(dest), branch="fresh")
    assert run("git symbolic-ref --short HEAD", dest) == "fresh"


def test_shallow_clones(here: Machine, host: Path, origin: Path) -> None:
    commit(origin)
    source, dest = f"file://{origin}", host / "clone"
    here.converge(git.repo, source, str(dest), depth=1)
    assert run("git rev-list --count HEAD", dest) == "1"
    for branch in ("next", "v1", "feature/next", "main"):
        here.converge(git.repo, source, str(dest), branch=branch, depth=1)
        assert head(dest) == run(f"git rev-parse {branch}", origin)
    here.converge(git.repo, source, str(host / "tags"), depth=1, fetch_tags=True)
    assert run("git tag", host / "tags") == "v1"


def test_submodules(here: Machine, host: Path, origin: Path, tmp_path: Path) -> None:
    run("git init -q inner; cd inner; echo i >i; git add i; git commit -qm i; cd ..; git init -q outer; cd outer; "
        "git submodule -q add ../inner 'in ner'; git commit -qm o; cd '../the origin'; "
        "git submodule -q add ../outer 'out er'; git commit -qm s", tmp_path)  # fmt: skip
    dest = host / "clone"
    here.converge(git.repo, str(origin), str(dest))
    assert not (dest / "out er/.git").exists()
    here.converge(git.repo, str(origin), str(dest), update_submodules=True)
    assert not (dest / "out er/in ner/i").exists()
    here.converge(git.repo, str(origin), str(dest), update_submodules=True, recursive_submodules=True)
    assert (dest / "out er/in ner/i").read_text() == "i\n"
    run("git submodule -q deinit -f --all", dest)
    here.converge(git.repo, str(origin), str(dest), update_submodules=True, recursive_submodules=True)
    assert (dest / "out er/in ner/i").exists()


@pytest.mark.root
def test_owners(here: Machine, host: Path, origin: Path) -> None:
    """What belongs to somebody else can be kept up to date, and whatever git writes is given to them."""
    dest = host / "clone"
    owner = {"user": "nobody", "group": "nogroup"}
    here.converge(git.repo, str(origin), str(dest), **owner)
    commit(origin)
    here.converge(git.repo, str(origin), str(dest), **owner)
    os.chown(dest / "f", 0, 0)
    done = here.converge(git.repo, str(origin), str(dest), **owner)
    assert commands(done.steps) == [f"chown -R -h nobody:nogroup {dest}"]
    here.converge(git.repo, str(origin), str(dest), group="root")
    tree = host / "tree"
    here.converge(git.worktree, str(tree), str(dest), **owner)
    here.converge(git.worktree, str(tree), **owner)
    assert run(f"find '{tree}' '{dest}/.git/worktrees/tree' ! -user nobody", host) == ""
    bare = host / "bare"
    here.converge(git.bare_repo, str(bare))
    here.converge(git.bare_repo, str(bare), **owner)
    assert bare.owner() == "nobody"
    with pytest.raises(FactError, match="user or group"):
        here.evaluate(git.bare_repo, str(bare), user="no-such-user")


@pytest.mark.parametrize("name", NAMES)
def test_bare_repositories(here: Machine, host: Path, name: str) -> None:
    path = str(host / "below" / name)
    here.converge(git.bare_repo, path)
    assert run("git rev-parse --is-bare-repository", Path(path)) == "true"
    here.converge(git.bare_repo, path, present=False)
    assert not os.path.exists(path)


@pytest.mark.parametrize("name", NAMES)
def test_worktrees(here: Machine, host: Path, origin: Path, name: str) -> None:
    tree = host / name
    here.converge(git.worktree, str(tree), str(origin), new_branch="fix", commitish="v1")
    assert run("git symbolic-ref --short HEAD", tree) == "fix"
    here.converge(git.worktree, str(tree), present=False)
    assert run("git worktree list", origin).count("\n") == 0


def test_kinds_of_worktrees(here: Machine, host: Path, origin: Path) -> None:
    clone = host / "clone"
    here.converge(git.repo, str(origin), str(clone))
    here.converge(git.worktree, str(host / "plain"), str(clone))
    assert run("git symbolic-ref --short HEAD", host / "plain") == "plain"
    here.converge(git.worktree, str(host / "detached"), str(clone), detached=True, commitish="v1")
    assert run("git rev-parse --abbrev-ref HEAD", host / "detached") == "HEAD"
    where, remote = host / "from", ("origin", "feature/next")
    here.converge(git.worktree, str(where), str(clone), from_remote_branch=remote)
    assert head(where) == run("git rev-parse feature/next", origin)
    newest = commit(origin, "feature/next")
    assert here.evaluate(git.worktree, str(where), pull=False, from_remote_branch=remote).steps == []
    here.converge(git.worktree, str(where), from_remote_branch=remote)
    assert head(where) == newest
    newest = commit(origin, "feature/next")
    here.converge(git.worktree, str(where))  # its branch follows that of the origin
    assert head(where) == newest
    (where / "new").write_text("")
    with pytest.raises(CommandFailed, match="--force"):
        here.apply(git.worktree, str(where), present=False)
    here.converge(git.worktree, str(where), present=False, force=True)


def test_a_bare_repository_has_worktrees_too(here: Machine, host: Path, origin: Path) -> None:
    run(f"git clone -q --bare '{origin}' bare", host)
    here.converge(git.worktree, str(host / "tree"), str(host / "bare"), commitish="next")
    here.converge(git.worktree, str(host / "twin"), str(host / "bare"), commitish="next", force=True)


@pytest.mark.parametrize("value", [*NAMES, "", "two\nlines", " padded "])
def test_settings(here: Machine, origin: Path, value: str) -> None:
    key = "sec-tion.Sub.sec tion.Name"
    here.converge(git.config, key, value)
    here.converge(git.config, key, value, repo=str(origin))
    here.converge(git.config, "SEC-tion.Sub.sec tion.NAME", f"{value}2", multi_value=True)
    get = ["git", "config", "--global", "-z", "--get-all", key]
    assert subprocess.run(get, capture_output=True, check=True).stdout.decode() == f"{value}\0{value}2\0"
    here.converge(git.config, key, value)


def test_settings_of_other_types(here: Machine, origin: Path, home: Path) -> None:
    (home / ".gitconfig").write_text("[a]\n\tb\n\tc = 1\n\tc = 2\n")
    assert here.evaluate(git.config, "a.b", True).steps == []
    here.converge(git.config, "a.b", False)
    here.converge(git.config, "a.c", 3)
    assert run("git config --global --get-all a.c", origin) == "3"


def test_the_first_setting(here: Machine, origin: Path, home: Path) -> None:
    (home / ".gitconfig").unlink()
    here.converge(git.config, "user.name", "Ann")
    (home / ".gitconfig").write_text("[nonsense")
    with pytest.raises(FactError, match="bad config"):
        here.evaluate(git.config, "user.name", "Ann")


def test_failures_are_failures(here: Machine, host: Path, origin: Path) -> None:
    here.converge(git.repo, str(origin), str(host / "clone"))
    with pytest.raises(OperationError, match="neither a branch nor a tag nowhere"):
        here.evaluate(git.worktree, str(host / "clone"), from_remote_branch=("origin", "nowhere"))
    with pytest.raises(OperationError, match="neither a branch nor a tag nowhere"):
        here.evaluate(git.repo, str(origin), str(host / "clone"), branch="nowhere")
    with pytest.raises(CommandFailed):
        here.apply(git.repo, str(host / "absent"), str(host / "new"))
    assert not (host / "new").exists()
    (host / "full").mkdir()
    (host / "full" / "file").write_text("")
    with pytest.raises(CommandFailed, match="not an empty directory"):
        here.apply(git.repo, str(origin), str(host / "full"))
    shutil.rmtree(origin)
    with pytest.raises(FactError, match="GitRemoteRef"):
        here.evaluate(git.repo, str(origin), str(host / "clone"))
    with pytest.raises(OperationError, match="not a bare repository"):
        here.evaluate(git.bare_repo, str(host / "clone"), present=False)
