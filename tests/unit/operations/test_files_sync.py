"""files.sync: what differs between two trees, and what it yields for it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from ropewalk.facts.files import FileContents
from ropewalk.facts.files.tree import Entry, TreeHashes, parse
from ropewalk.model.command import Change, Diff, UploadTree, sh
from ropewalk.model.errors import FactProcessError, OperationError
from ropewalk.operations import files
from ropewalk.operations.files.local_tree import Excluded, walk
from ropewalk.testing import evaluate
from ropewalk.testing.steps import fact_key

DIR = Entry("directory", 755, "root", "root", 4096)


def file_entry(text: str, mode: int = 644, **more: Any) -> Entry:
    sha1 = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return Entry("file", mode, "root", "root", len(text), **{"sha1": sha1, **more})


LIKE = {".": DIR, "d": DIR, "d/f": file_entry("text"), "l": Entry("link", 777, "root", "root", 3, target="d/f")}
ELSEWHERE = Entry("link", 777, "root", "root", 3, target="x")
SENT = Change("d/f", "other content", "4 bytes")


@pytest.fixture
def src(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "src"
    (root / "d").mkdir(parents=True)
    (root / "d" / "f").write_text("text")
    (root / "l").symlink_to("d/f")
    for path, mode in ((root, 0o755), (root / "d", 0o755), (root / "d" / "f", 0o644)):
        path.chmod(mode)
    return root


def without(*names: str) -> dict[str, Entry]:
    return {name: entry for name, entry in LIKE.items() if name not in names}


def upload(src: Path, mode: str = "644", user: str | None = None, group: str | None = None) -> UploadTree:
    return UploadTree("/w", {"d/f": (str(src / "d" / "f"), mode)}, user, group)


LOCAL = Path("LOCAL")


@pytest.mark.parametrize(
    ("remote", "arguments", "steps"),
    [
        pytest.param(LIKE, {}, [], id="like it"),
        pytest.param(LIKE, {"mode": True, "dir_mode": None, "user": "root", "group": "root"}, [], id="and its owner"),
        pytest.param(
            {},
            {},
            [
                sh("mkdir", "-p", "-m", "755", "/w", "/w/d"),
                sh("ln", "-sfn", "d/f", "/w/l"),
                Change("d/f", None, "4 bytes"),
                upload(LOCAL),
            ],
            id="absent",
        ),
        pytest.param(
            {},
            {"user": "u", "group": "g", "mode": "600", "dir_mode": 700},
            [
                sh("mkdir", "-p", "-m", "700", "/w", "/w/d"),
                sh("chown", "u:g", "/w", "/w/d"),
                sh("ln", "-sfn", "d/f", "/w/l"),
                sh("chown", "-h", "u:g", "/w/l"),
                Change("d/f", None, "4 bytes"),
                upload(LOCAL, "600", "u", "g"),
            ],
            id="absent, for somebody",
        ),
        pytest.param(LIKE | {"d/f": file_entry("TEXT")}, {}, [SENT, upload(LOCAL)], id="content"),
        pytest.param(LIKE | {"d/f": file_entry("longer")}, {}, [SENT, upload(LOCAL)], id="size"),
        pytest.param(LIKE | {"d/f": file_entry("text", sha1=None)}, {}, [SENT, upload(LOCAL)], id="no hash"),
        pytest.param(LIKE | {"d/f": file_entry("text", 600)}, {}, [sh("chmod", "644", "/w/d/f")], id="mode"),
        pytest.param(LIKE, {"mode": "600", "dir_mode": "755"}, [sh("chmod", "600", "/w/d/f")], id="mode of files"),
        pytest.param(LIKE, {"mode": "700"}, [sh("chmod", "700", "/w", "/w/d", "/w/d/f")], id="mode of everything"),
        pytest.param(
            LIKE,
            {"mode": "u+x", "dir_mode": "g+s"},
            [sh("chmod", "2755", "/w", "/w/d"), sh("chmod", "744", "/w/d/f")],
            id="symbols",
        ),
        pytest.param(
            without("d/f"),
            {"mode": "u+x", "dir_mode": True},
            [Change("d/f", None, "4 bytes"), upload(LOCAL, "744")],
            id="symbols for a new file",
        ),
        pytest.param(
            LIKE, {"user": "u"}, [sh("chown", "-h", "u", "/w/l"), sh("chown", "u", "/w", "/w/d", "/w/d/f")], id="owner"
        ),
        pytest.param(LIKE | {"l": ELSEWHERE}, {}, [sh("ln", "-sfn", "d/f", "/w/l")], id="link"),
        pytest.param(
            LIKE | {"z": file_entry(""), "d/y": LIKE["l"], "e": DIR},
            {"delete": True},
            [sh("rm", "-f", "/w/d/y", "/w/z")],
            id="more there",
        ),
        pytest.param(
            LIKE | {"z.log": file_entry(""), "c/y": file_entry("")},
            {"delete": True, "exclude": "*.log", "exclude_dir": "c"},
            [],
            id="more there, excluded",
        ),
    ],
)
def test_sync(src: Path, remote: dict[str, Entry], arguments: dict[str, Any], steps: list[Any]) -> None:
    expected = [
        upload(src, step.files["d/f"][1] or "", step.user, step.group) if isinstance(step, UploadTree) else step
        for step in steps
    ]
    done = evaluate(files.sync, "src", "/w", facts={TreeHashes: remote}, **arguments)
    assert done.steps == expected
    assert bool(done.noop) is not bool(steps)


def test_each_directory_is_made_with_its_own_mode(src: Path) -> None:
    (src / "d").chmod(0o700)
    (src / "d" / "e").mkdir()
    (src / "d" / "e").chmod(0o755)
    made = [step for step in evaluate(files.sync, "src", "/w", facts={TreeHashes: {}}).steps if "mkdir" in str(step)]
    assert made == [
        sh("mkdir", "-p", "-m", "755", "/w"),
        sh("mkdir", "-p", "-m", "700", "/w/d"),
        sh("mkdir", "-p", "-m", "755", "/w/d/e"),
    ]


def test_only_what_is_needed_is_listed(src: Path) -> None:
    few = {fact_key(TreeHashes, path="/w", names=("d", "d/f", "l")): LIKE}
    everything = {fact_key(TreeHashes, path="/w", names=None): LIKE}
    assert evaluate(files.sync, "src", "/w", facts=few).asked == [*few]
    assert evaluate(files.sync, "src", "/w", delete=True, facts=everything).asked == [*everything]


def test_many_files_are_two_messages(src: Path) -> None:
    for number in range(3000):
        (src / str(number)).touch()
    done = evaluate(files.sync, "src", "/w", facts={TreeHashes: {}})
    assert sum(isinstance(step, UploadTree) for step in done.steps) == 1
    assert len(done.steps) < 30
    gone = {str(number): file_entry("") for number in range(4000, 9000)}
    removals = evaluate(files.sync, "src", "/w", delete=True, facts={TreeHashes: LIKE | gone}).steps[-3:]
    assert sum(len(step.words) - 2 for step in removals) == 5000


@pytest.mark.parametrize(
    ("remote", "message"),
    [
        ({".": Entry("other", 0, "", "", 0)}, ". is a directory here and something else on the host"),
        (LIKE | {"d/f": DIR}, "d/f is a file here and a directory on the host"),
        (LIKE | {"d": LIKE["l"]}, "d is a directory here and a link on the host"),
        (LIKE | {"l": file_entry("")}, "l is a link here and a file on the host"),
    ],
)
def test_what_is_in_the_way(src: Path, remote: dict[str, Entry], message: str) -> None:
    with pytest.raises(OperationError, match=message):
        evaluate(files.sync, "src", "/w", facts={TreeHashes: remote})


def test_differences(src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ropewalk.api.config.Config.DIFF", True)
    facts = {TreeHashes: LIKE | {"d/f": file_entry("TEXT")}, FileContents: ["TEXT"]}
    assert Diff("/w/d/f", "TEXT\n", "text") in evaluate(files.sync, "src", "/w", facts=facts).steps
    assert Diff("/w/d/f", None, "text") in evaluate(files.sync, "src", "/w", facts={TreeHashes: {}}).steps


# -- the local tree ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "directories", "relative", "excluded"),
    [
        ("*.pyc", None, "a/b.pyc", True),
        ("b.pyc", None, "a/b.pyc", True),
        ("a/b.pyc", None, "a/b.pyc", True),
        ("/root/a/*", None, "a/b.pyc", True),
        (["x", "y"], None, "a/b.pyc", False),
        (None, "a", "a/b.pyc", True),
        (None, ("*/c", "q"), "a/c/d/f", True),
        (None, "c", "a/c/d/f", False),
        (None, "f", "a/f", False),
    ],
)
def test_excluded(names: Any, directories: Any, relative: str, excluded: bool) -> None:
    assert Excluded.of(names, directories).has(relative, "/root") is excluded


def test_walk(src: Path) -> None:
    (src / "dirlink").symlink_to("d")
    (src / "node_modules" / "x").mkdir(parents=True)
    tree = walk(str(src), Excluded.of(None, "node_modules"))
    assert tree.directories == {".": "755", "d": "755"}
    assert tree.links == {"l": "d/f", "dirlink": "d"}
    assert tree.files == {"d/f": (str(src / "d" / "f"), "644", 4)}
    assert walk(str(src), Excluded.of("dirlink", "node_modules")).links == {"l": "d/f"}


def test_what_cannot_be_copied(src: Path) -> None:
    os.mkfifo(src / "pipe")
    with pytest.raises(OperationError, match="pipe is neither a file, a directory nor a link"):
        walk(str(src), Excluded())
    assert walk(str(src), Excluded.of("pipe", None)).files
    (src / "two\nlines").touch()
    with pytest.raises(OperationError, match="holds a line end"):
        walk(str(src), Excluded.of("pipe", None))
    with pytest.raises(OperationError, match="there is no local directory"):
        walk(str(src / "none"), Excluded())


# -- the fact ------------------------------------------------------------------------------------------

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("lines", "entries"),
    [
        ([], {}),
        (["other"], {".": Entry("other", 0, "", "", 0)}),
        (["drwxr-sr-t:3755:a:b c:5:."], {".": Entry("directory", 3755, "a", "b c", 5)}),
        (["-rw-r--r--.:0644:a:b:5:./x: y"], {"x: y": Entry("file", 644, "a", "b", 5)}),
        (["-rw-r--r--:644:a:b:5:./x", f"{SHA}  ./x"], {"x": Entry("file", 644, "a", "b", 5, SHA)}),
        (["-rw-r--r--:644:a:b:5:./x", f"{SHA} *./x"], {"x": Entry("file", 644, "a", "b", 5, SHA)}),
        (["-rw-r--r--:644:a:b:5:./x", f"{SHA} ./x"], {"x": Entry("file", 644, "a", "b", 5, SHA)}),
        (["-rw-r--r--:644:a:b:5:./b\\s", f"\\{SHA}  ./b\\\\s"], {"b\\s": Entry("file", 644, "a", "b", 5, SHA)}),
        (
            ["lrwxrwxrwx:777:a:b:3:./l", "link:./l", "target:to: it"],
            {"l": Entry("link", 777, "a", "b", 3, target="to: it")},
        ),
    ],
)
def test_listings(lines: list[str], entries: dict[str, Entry]) -> None:
    assert parse(lines) == entries


@pytest.mark.parametrize("line", ["what", f"{SHA}  ./unlisted", "target:x", "-rw-r--r--:644:a:b:5:/absolute"])
def test_lines_of_unknown_form(line: str) -> None:
    with pytest.raises(FactProcessError, match="unknown form"):
        parse([line])
