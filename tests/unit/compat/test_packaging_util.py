"""What v3's authors of facts and operations about packages import."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.operation import operation
from ropewalk.compat.pyinfra.facts import util
from ropewalk.compat.pyinfra.facts.util import packages, packaging
from ropewalk.compat.pyinfra.operations.util.packaging import PkgInfo, ensure_packages, ensure_rpm, ensure_yum_repo
from ropewalk.facts.files import FileContents
from ropewalk.facts.rpm import RpmPackage, RpmPackages
from ropewalk.model.command import Change
from ropewalk.testing import evaluate

LINES = ["#pyinfra-filename: /etc/a.repo", "[base]", "# c", "name = B $x", "baseurl=http://x?a=b", "", "[b]", "name=C"]


def test_repositories():
    found = [
        {"repoid": "base", "filename": "/etc/a.repo", "name": "B $x", "baseurl": "http://x?a=b"},
        {"repoid": "b", "filename": "/etc/a.repo", "name": "C"},
    ]
    assert packaging.parse_yum_repositories(LINES) == packaging.parse_zypper_repositories(LINES) == found
    assert packaging.parse_yum_repositories(LINES[1:4]) == [{"repoid": "base", "name": "B $x"}]


def test_files_are_printed(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"{name}\n")
    command = util.make_cat_files_command(f"{tmp_path}/a", [f"{tmp_path}/nothing", f"{tmp_path}/b*"])
    assert subprocess.check_output(["sh", "-c", command]) == b"a\nb\n"
    command = util.make_cat_files_command_with_markers(packaging.REPO_FILENAME_MARKER, f"{tmp_path}/a")
    assert subprocess.check_output(["sh", "-c", command], text=True) == f"#pyinfra-filename: {tmp_path}/a\na\n"


def test_packages_are_described():
    found = packages.build_package_map({"a": {"10", "9"}, "b": {"1"}, "c": {"1"}}, {"a": "11", "n": "2"}, {"b"})
    assert found["a"] == packages.PackageInfo("a", ("9", "10"), "11", packages.PackageStatus.UPGRADEABLE)
    assert [found[name].status.value for name in "bc"] == ["held", "installed"]
    assert "n" not in found


@pytest.mark.parametrize(
    ("text", "info", "given"),
    [
        ("A_b", ("a-b", "", "", ""), "a-b"),
        ("a==1.0a1", ("a", "1.0a1", "==", ""), "a==1.0a1"),
        ("a>=1", ("a", "1", ">=", ""), "a>=1"),
        ("a @ http://x/y", ("a", "", "", "http://x/y"), "http://x/y"),
        ("git+https://x#egg=q", ("q", "", "", "git+https://x#egg=q"), "git+https://x#egg=q"),
        ("./p", ("./p", "", "", ""), "./p"),
        ("a>1,<3", ("a>1,<3", "", "", ""), "a>1,<3"),
    ],
)
def test_requirements_are_read(text: str, info: tuple[str, ...], given: str):
    found = PkgInfo.from_pep508(text)
    assert found is not None
    assert found[:4] == info
    assert found.inst_vers == given


def test_pairs_are_read():
    assert PkgInfo.from_possible_pair("a=1", "=")[:3] == ("a", "1", "=")
    assert PkgInfo.from_possible_pair("a", None).lkup_name == "a"
    assert PkgInfo("a", "1", "=").lkup_name == ["a", "1"]


def run(*args: Any, **how: Any) -> list[str]:
    @operation()
    def op():
        yield from ensure_packages(None, *args, **how)  # type: ignore[arg-type]

    return [str(step) for step in evaluate(op).steps if not isinstance(step, Change)]


@pytest.mark.parametrize(
    ("wanted", "have", "how", "commands"),
    [
        ([PkgInfo("a", "1", "=="), PkgInfo("b", url="http://x?y")], {}, {}, ["in a==1 'http://x?y'"]),
        ([PkgInfo("a", "1", "==")], {"a": {"1"}}, {}, []),
        ([PkgInfo("a", "1", "=", "", lambda n, o, v: f"{n}-{v}")], {"a": {"2"}}, {}, ["in a-1"]),
        (["g"], {"x": {"1"}}, {"expand_package_fact": lambda _: ["x", "y"]}, ["in g"]),
        (["g"], {"x": {"1"}}, {"expand_package_fact": lambda _: ["x", "y"], "expand_match_any": True}, []),
        (["g"], {"x": {"1"}, "y": {"1"}}, {"expand_package_fact": lambda _: ["x", ["z", "y"]]}, []),
        (["g"], {}, {"expand_package_fact": lambda _: []}, ["in g"]),
        (["a"], {"a": packages.PackageInfo("a", ("1",), None, packages.PackageStatus.INSTALLED)}, {}, []),
    ],
)
def test_packages_are_ensured(wanted: Any, have: Any, how: Any, commands: list[str]):
    assert run(wanted, have, True, "in", "out", **how) == commands


def test_rpm_and_repository():
    @operation()
    def rpm(present: bool):
        yield from ensure_rpm(None, None, "/a b.rpm", present, "dnf -q")  # type: ignore[arg-type]

    facts = {RpmPackage: {"name": "a", "version": "1-1"}, RpmPackages: {}}
    assert str(evaluate(rpm, True, facts=facts).steps[-1]) == "dnf -q install -y '/a b.rpm'"
    facts[RpmPackages] = {"a": {"1-1"}}
    assert str(evaluate(rpm, False, facts=facts).steps[-1]) == "dnf -q remove -y a"

    @operation()
    def repo():
        yield from ensure_yum_repo(None, "n", "http://b", True, None, True, True, None, type_="rpm-md")  # type: ignore[arg-type]

    upload = evaluate(repo, facts={FileContents: None}).steps[-1]
    assert upload.dest == "/etc/yum.repos.d/n.repo"  # type: ignore[union-attr]
    assert upload.source == b"[n]\nname=n\nbaseurl=http://b\nenabled=1\ngpgcheck=1\ntype=rpm-md\n"  # type: ignore[union-attr]
