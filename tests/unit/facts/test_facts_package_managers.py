"""What package managers say: recorded from them, or as their manuals show it, and what is made of it."""

from __future__ import annotations

import json
import subprocess

import pytest
from fact_reader import ReadFailed

from ropewalk.facts import (
    apk,
    brew,
    cargo,
    choco,
    dnf,
    flatpak,
    gem,
    go,
    npm,
    opkg,
    pacman,
    pip,
    pipx,
    pkg,
    pkgin,
    repositories,
    rpm,
    rpm_state,
    snap,
    uv,
    xbps,
    yum,
    zypper,
)  # fmt: skip
from ropewalk.facts.packages import split_last_dash
from ropewalk.facts.presence import unless_said
from ropewalk.facts.search_path import OnPath
from ropewalk.model.errors import FactProcessError, FactValueError

PYTHONS = [
    {"key": "cpython-3.13.1+freethreaded-linux-x86_64-gnu", "version": "3.13.1", "path": None},
    {"key": "cpython-3.13.1-linux-x86_64-gnu", "version": "3.13.1", "path": "/x"},
    {"key": "pypy-3.10.14-linux-x86_64-gnu", "version": "3.10.14", "path": None},
]

LISTS = [
    (apk.ApkPackages, "WARNING: opening from cache\n"
     "alpine-baselayout-3.2.0-r8 x86_64 {alpine-baselayout} (GPL) [installed]\n"
     "g++-10.3.1_git20210424-r2 x86_64 {gcc} (GPL) [installed]\n.build-20230101.0 noarch {} () [installed]\n"
     "py3-pip-20.3.4-r1 x86_64 {py3-pip} (MIT) [upgradable from: py3-pip-20.3.3-r0]\n",
     {"alpine-baselayout": {"3.2.0-r8"}, "g++": {"10.3.1_git20210424-r2"}, ".build": {"20230101.0"}}),
    (brew.BrewPackages, "node 10.1.0 12.0\npython@3.8 3.8.1\n", {"node": {"10.1.0", "12.0"}, "python@3.8": {"3.8.1"}}),
    (brew.BrewCasks, "iterm2 3.2\nfont-x latest\n", {"iterm2": {"3.2"}, "font-x": {"latest"}}),
    (brew.BrewTaps, "a/b\nc/d\n", ["a/b", "c/d"]),
    (brew.BrewVersion, "Homebrew 3.1.2-57-g1234\nHomebrew/homebrew-core (x)\n", [3, 1, 2]),
    (brew.BrewVersion, "Homebrew >=2.5.0 (shallow or no git repository)\n", [2, 5, 0]),
    (brew.BrewTrusted, '{"taps":["a/b"],"formulae":["x/y/z"]}',
     {"taps": ["a/b"], "formulae": ["x/y/z"], "casks": [], "commands": []}),
    (brew.BrewOutdated, json.dumps({"formulae": [
        {"name": "a/b/jq", "installed_versions": ["1.6"], "current_version": "1.7", "pinned": False},
        {"name": "node", "installed_versions": ["20"], "current_version": "21", "pinned": True}],
        "casks": [{"name": "x", "installed_versions": "1", "current_version": "2"}]}),
     {"formulae": {"jq": "1.7"}, "casks": {"x": "2"}}),
    (cargo.CargoPackages, "ripgrep v13.0.0:\n    rg\nlocal v0.1.0 (/x/y):\n    local\n",
     {"ripgrep": {"13.0.0"}, "local": {"0.1.0"}}),
    (cargo.CargoNewest, 'ripgrep = "14.1.1"    # rg\nrip = "2.0.0-rc.1"    # x\n... and 9 crates more\n',
     {"ripgrep": "14.1.1"}),
    (choco.ChocoPackages, "git|2.43.0\r\nvim|9.1-beta\r\n", {"git": {"2.43.0"}, "vim": {"9.1-beta"}}),
    (choco.ChocoPackages, "Chocolatey v2.2.2\nbash 5.1.1\n2 packages installed.\n", {"bash": {"5.1.1"}}),
    (choco.ChocoVersion, "2.2.2\r\n", "2.2.2"),
    (choco.ChocoOutdated, "git|2.43.0|2.44.0|false\r\nvim|1|1|false\r\nsentence\n", {"git": "2.44.0"}),
    (flatpak.FlatpakPackages, "Application ID\norg.x.Y\norg.z\n", ["org.x.Y", "org.z"]),
    (flatpak.FlatpakRefs, "Ref\norg.x.Y/x86_64/stable\n", ["org.x.Y/x86_64/stable"]),
    (flatpak.FlatpakRefFile, "[Flatpak Ref]\nName=org.x.Y\nBranch=beta\n", "org.x.Y//beta"),
    (flatpak.FlatpakRefFile, "[Flatpak Ref]\nName=org.x.Y\n", "org.x.Y"),
    (flatpak.FlatpakPackage, "\nVLC - a player\n\n          ID: org.v.VLC\n         Ref: app/org.v.VLC/x86_64/stable\n"
     "     Version: 3.0.18\n     License: GPL\n",
     {"id": "org.v.VLC", "ref": "app/org.v.VLC/x86_64/stable", "version": "3.0.18"}),
    (gem.GemPackages, "\n*** LOCAL GEMS ***\n\nbigdecimal (default: 3.1.1, 3.0)\nrake (13.0.6)\n"
     "x (1.0 ruby java, 0.9)\n",
     {"bigdecimal": {"3.1.1", "3.0"}, "rake": {"13.0.6"}, "x": {"1.0", "0.9"}}),
    (gem.GemOutdated, "rake (13.0.6 < 13.1.0)\nERROR: x\n", {"rake": "13.1.0"}),
    (go.GoPackages, "/root/go/bin/goimports: go1.19\n\tpath\tgolang.org/x/tools/cmd/goimports\n"
     "\tmod\tgolang.org/x/tools\tv0.1.2\th1:x=\n\tdep\tx\tv1\th1:\n\tbuild\t-compiler=gc\n"
     "/root/go/bin/a: b: go1.19\n\tpath\texample.com/y\n\tmod\texample.com/y\t(devel)\t\n/x: go1.19\n",
     {"golang.org/x/tools/cmd/goimports": {"v0.1.2"}, "example.com/y": {"(devel)"}}),
    (go.GoPrograms, "/b/a: b: go1.19\n\tpath\te.com/y/z\n\tmod\te.com/y\tv1\t\n", [go.GoProgram("/b/a: b",
     "e.com/y/z", "e.com/y", "v1")]),
    (go.GoNewest, "example.com/y v1.1.0\n", {"example.com/y": "v1.1.0"}),
    (npm.NpmPackages, json.dumps({"dependencies": {"@a/b": {"version": "1.0.0"}, "c": {"missing": True},
                                                   "d": {"version": "2.0.0", "extraneous": True}},
                                  "error": {"code": "ELSPROBLEMS", "summary": "missing: c"}}),
     {"@a/b": {"1.0.0"}, "d": {"2.0.0"}}),
    (npm.NpmPackages, "{}", {}),
    (npm.NpmOutdated, json.dumps({"a": {"current": "1.0.0", "wanted": "1.1.0", "latest": "2.0.0"},
                                  "b": {"current": "1.0.0", "wanted": "1.0.0", "latest": "2.0.0"},
                                  "c": {"wanted": "1.0.0", "latest": "1.0.0"}}), {"a": "1.1.0"}),
    (opkg.OpkgPackages, "base-files - 1554-r23630\nbusybox - 1.36.1-1\n",
     {"base-files": {"1554-r23630"}, "busybox": {"1.36.1-1"}}),
    (opkg.OpkgUpgradeablePackages, "busybox - 1.36.1-1 - 1.36.1-2\n",
     {"busybox": opkg.OpkgPkgUpgradeInfo("1.36.1-1", "1.36.1-2")}),
    (opkg.OpkgInstallableArchitectures, "arch all 1\narch x86_64 10\n", {"all": 1, "x86_64": 10}),
    (opkg.OpkgConf, "dest root /\ndest ram /tmp\nlists_dir ext /var/opkg-lists\noption overlay_root /overlay\n"
     "option check_signature\narch all 1\nsrc/gz a http://x\n# comment\n",
     opkg.OpkgConfInfo({"root": "/", "ram": "/tmp"}, "/var/opkg-lists",
                       {"overlay_root": "/overlay", "check_signature": True}, {"all": 1})),
    (opkg.OpkgFeeds, "src/gz core https://d/core\nsrc x http://y\nCUSTOM\n# src/gz no http://z\n"
     "src/gz mine file:///x\n",
     {"core": opkg.OpkgFeedInfo("https://d/core", "src/gz", "distribution"),
      "x": opkg.OpkgFeedInfo("http://y", "src", "distribution"),
      "mine": opkg.OpkgFeedInfo("file:///x", "src/gz", "custom")}),
    (pacman.PacmanPackages, "bash 5.1-1\na-b 1:2.3-4\n", {"bash": {"5.1-1"}, "a-b": {"1:2.3-4"}}),
    (pacman.PacmanUnpackGroup, "autoconf\nautomake\n", ["autoconf", "automake"]),
    (pacman.PacmanGroups, "g a\ng b\nh c\n", {"g": ["a", "b"], "h": ["c"]}),
    (pip.PipPackages, 'WARNING: x\n[{"name": "A_b", "version": "1.0"}, {"name": "e", "version": "0", '
     '"editable_project_location": "/x"}]\n[notice] a new release\n', {"A_b": {"1.0"}, "e": {"0"}}),
    (pip.PipOutdated, '[{"name": "a", "version": "1", "latest_version": "2", "latest_filetype": "wheel"}]', {"a": "2"}),
    (pipx.PipxPackages, "nothing has been installed with pipx 😴\n", {}),
    (pipx.PipxPackages, "Th_Py.x 1.0\nblack 24.1\n", {"Th_Py.x": {"1.0"}, "black": {"24.1"}}),
    (pipx.PipxEnvironment, "Environment variables (set by user):\n\nPIPX_HOME=\nPIPX_BIN_DIR=\n\nDerived values:\n\n"
     "PIPX_HOME=/root/.local/pipx\nPIPX_BIN_DIR=/root/my=bin\nUSE_EMOJI=True\nOnly a=b c\n",
     {"PIPX_HOME": "/root/.local/pipx", "PIPX_BIN_DIR": "/root/my=bin", "USE_EMOJI": "True"}),
    (pipx.PipxOutdated, '# th-py\n[{"name": "Th_Py", "latest_version": "2"}, {"name": "pip", "latest_version": "9"}]\n'
     "# other\n[]\n", {"th-py": "2"}),
    (pkg.PkgPackages, "# OpenBSD\nvim-9.0.1-no_x11 foo\npy3-pip-21.1p0 x\nlibv4l-1.20.0 y\n",
     {"vim": {"9.0.1"}, "py3-pip": {"21.1p0"}, "libv4l": {"1.20.0"}}),
    (pkg.PkgPackages, "# NetBSD\nfont-adobe-100dpi-1.0nb1 x\n", {"font-adobe-100dpi": {"1.0nb1"}}),
    (pkg.PkgPackages, "bash-5.1.1_1\npy39-pip-21.1,1\n", {"bash": {"5.1.1_1"}, "py39-pip": {"21.1,1"}}),
    (pkg.PkgOrigins, "shells/bash 5.1.1_1\n", {"shells/bash": {"5.1.1_1"}}),
    (pkgin.PkginPackages, "bash-5.1.1  GNU shell\npy39-pip-21.1nb1;=;x\n",
     {"bash": {"5.1.1"}, "py39-pip": {"21.1nb1"}}),
    (pkgin.PkginOutdated, "bash-5.1.1 < GNU shell\n", {"bash": {"5.1.1"}}),
    (rpm.RpmPackages, "bash 5.1-1.fc\nkernel 5.2-1\nkernel 5.3-1\n", {"bash": {"5.1-1.fc"}, "kernel": {"5.2-1",
     "5.3-1"}}),
    (rpm.RpmPackage, "bash 5.1-1.fc\n", {"name": "bash", "version": "5.1-1.fc"}),
    (rpm.RpmPackageProvides, "\nvim 1-1\n\nnvi 2-1\n", [["vim", "1-1"], ["nvi", "2-1"]]),
    (rpm_state.RpmInstalled, "#a\npackage a is not installed\nno package provides a\n#web\n"
     "package web is not installed\n"
     "httpd 2-1\nnginx 1-1\n#c\nc 1-1\n", {"web": {"httpd": {"2-1"}, "nginx": {"1-1"}}, "c": {"c": {"1-1"}}}),
    (rpm_state.RpmKeys, "8483C65D\n\n", ["8483c65d"]),
    (snap.SnapPackages, "Name    Version  Rev   Tracking       Publisher   Notes\n"
     "core20  20230801 2015  latest/stable  canonical** base\n",
     ["core20"]),
    (snap.SnapChannels, "Name  Version  Rev  Tracking  Publisher  Notes\nlxd  5.0.2  1  5.0/stable/...  canonical  -\n"
     "mine  1  x1  -  -  -\n", {"lxd": "5.0/stable/...", "mine": ""}),
    (snap.SnapPackage, "name:      lxd\nsummary:   x\npublisher: Canonical*\ndescription: |\n  name: no\n"
     "snap-id:      J60k\n"
     "tracking:     4.0/stable/ubuntu\nchannels:\n  latest/stable:    5.0.2  2023\n"
     "installed:          4.0.9  (24061) 100MB -\n",
     {"name": "lxd", "publisher": "Canonical*", "snap-id": "J60k", "channel": "4.0/stable/ubuntu", "version": "4.0.9"}),
    (uv.UvVersion, "uv 0.8.1 (abc 2025)\n", "uv 0.8.1 (abc 2025)"),
    (uv.UvPipPackages, '[{"name":"a-b","version":"1"}]', {"a-b": {"1"}}),
    (uv.UvPipOutdated, '[{"name":"a-b","version":"1","latest_version":"2","latest_filetype":"wheel"}]', {"a-b": "2"}),
    (uv.UvAvailablePythonsByImplementation, json.dumps(PYTHONS),
     {item["key"]: {item["version"]} for item in PYTHONS}),
    (uv.UvInstalledPythonsByVersion, json.dumps(PYTHONS),
     {"3.13.1": {PYTHONS[0]["key"], PYTHONS[1]["key"]}, "3.10.14": {PYTHONS[2]["key"]}}),
    (uv.UvTools, "black v23.1\n- black\n- blackd\nruff v0.1 (/x)\n- ruff\n", {"black": {"23.1"}, "ruff": {"0.1"}}),
    (uv.UvToolsOutdated, "# uv\nblack v23.1 [latest: 24.1]\n- black\nruff v0.1 (/x) [latest: 0.2]\n",
     {"black": "24.1", "ruff": "0.2"}),
    (uv.UvToolsOutdated, "# uv\n", {}),
    (xbps.XbpsPackages, "ii bash-5.1.1_1  GNU shell\nuu gtk+3-3.24_1 x\nhr foo-0.1_2  x\n",
     {"bash": {"5.1.1_1"}, "gtk+3": {"3.24_1"}}),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "output", "value"), [pytest.param(*case, id=case[0].__name__) for case in LISTS])
def test_recorded_output(process, fact, output, value):
    assert process(fact, output) == value


DNF_GROUP = """\
Dependencies resolved.
================================================================================
 Package            Architecture       Version             Repository      Size
================================================================================
Installing group/module packages:
 th-app             noarch             1.0-1               th             5.4 k
Installing Environment Groups:
 Server with Graphics and More
Installing Groups:
 Tools of Three

Transaction Summary
================================================================================
Install  1 Package

"""
DNF = """\
Dependencies resolved.
================================================================================
 Package            Architecture       Version             Repository      Size
================================================================================
Installing:
 th-app             noarch             1:1.0-1             th             5.4 k
     replacing  th-old.noarch 0.9-1
Installing dependencies:
 a-very-long-name-of-a-package-that-does-not-fit
                    noarch             2.0-1               th             5.4 k
Upgrading:
 th-lib             noarch             2.0-1               th             5.4 k
Removing dependent packages:
 th-gone            noarch             1.0-1               @th              0
Skipping packages with broken dependencies:
 th-skipped         noarch             1.0-1               th               0

Transaction Summary
================================================================================
 Install  2 Packages
Operation aborted.
"""
ZYPPER = """\
<?xml version='1.0'?>
<stream>
<to-install>
<solvable type="package" name="th-app" edition="1.0-1" arch="noarch" summary="t">
<solvable type="pattern" name="all" edition="1" arch="noarch"/>
</to-install>
<to-upgrade>
<solvable type="package" name="th-lib" edition="2.0-1" edition-old="1.0-1" arch="noarch"/>
</to-upgrade>
<to-remove>
<solvable type="package" name="th-gone" edition="1.0-1"/>
</to-remove>
</stream>
"""
PREVIEWS = [
    (rpm_state.DnfPreview, DNF + "exit 1\n", [
        ("th-app", "1.0-1"), ("a-very-long-name-of-a-package-that-does-not-fit", "2.0-1"), ("th-lib", "2.0-1"),
        ("th-gone", None)]),
    (rpm_state.DnfPreview, DNF_GROUP + "Operation aborted.\nexit 1\n", [("th-app", "1.0-1")]),
    (rpm_state.DnfPreview, "Installing Groups:\n Web Server for Two\n\nTransaction Summary\n====\n\nexit 1\n", []),
    (rpm_state.DnfPreview, "Removing Groups:\n tools\n\nTransaction Summary\n====\n\nexit 1\n", None),
    (rpm_state.DnfPreview, "Enabling module streams:\n php   8.1\n\nTransaction Summary\n====\n\nexit 1\n", None),
    (rpm_state.DnfPreview, "Dependencies resolved.\nNothing to do.\nComplete!\nexit 0\n", []),
    (rpm_state.DnfPreview, "No match for argument: x\nError: Unable to find a match: x\nexit 1\n", None),
    (rpm_state.ZypperPreview, ZYPPER + "exit 0\n", [("th-app", "1.0-1"), ("th-lib", "2.0-1"), ("th-gone", None)]),
    (rpm_state.ZypperPreview, ZYPPER + "exit 104\n", None),
    (pacman.PacmanPreview, "th-lib 1.0-1\nwarning: x is up to date\nexit 0\n", [("th-lib", "1.0-1")]),
    (pacman.PacmanPreview, "exit 1\n", None),
    (apk.ApkPreview, "(1/3) Purging libold (1)\n(2/3) Installing libnew (1-r0)\n( 3/10) Upgrading app (1-r0 -> 2-r0)\n"
     "OK: 2 MiB in 2 packages\nexit 0\n", [("libold", None), ("libnew", "1-r0"), ("app", "2-r0")]),
    (apk.ApkPreview, "OK: 2 MiB in 2 packages\nexit 0\n", []),
    (xbps.XbpsPreview, "vim-9.0_1 install x86_64 https://r 1 2\ngtk+3-3.2_1 update x86_64 https://r 1 2\n"
     "foo-1_1 remove x86_64 https://r\nfoo is up to date\nexit 0\n",
     [("vim", "9.0_1"), ("gtk+3", "3.2_1"), ("foo", None)]),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "output", "steps"), PREVIEWS)
def test_what_a_command_would_do(process, fact, output, steps):
    expected = None if steps is None else [{"name": name, "after": after} for name, after in steps]
    assert process(fact, output) == expected
    assert fact().command("x -y").render() == 'LC_ALL=C x -y 2>/dev/null; echo "exit $?"'


MODULES = """\
Last metadata expiration check: 0:00:01 ago on Mon Nov 23 19:11:39 2026.
Red Hat
Name   Stream    Profiles   Summary
php    8.1 [e]   common [d], devel, minimal  PHP scripting language
nodejs 18 [d][FLAG] common [d], devel  Javascript runtime [e]

Other
Name   Stream    Profiles   Summary
perl   5.30 [d]  common [d]  language
nodejs 20 [FLAG] common [d]  x

Hint: [d]efault, [e]nabled, [x]disabled, [i]nstalled
"""


def test_modules(process):
    assert process(dnf.DnfEnabledModules, MODULES.replace("FLAG", "x")) == {"php": "8.1"}
    assert process(dnf.DnfDisabledModules, MODULES.replace("FLAG", "x")) == ["nodejs"]


REPOSITORIES = """\
#pyinfra-filename: /etc/yum.repos.d/a.repo
[main]
gpgcheck=1
[base]
# comment
; comment
name=Base $releasever
baseurl = http://x?a=b
    http://y
enabled=1
#pyinfra-filename: /etc/yum.repos.d/b.repo
stray=1
[b]
name=B
"""


@pytest.mark.parametrize("fact", [dnf.DnfRepositories, yum.YumRepositories, zypper.ZypperRepositories])
def test_repositories(process, fact):
    base = {"repoid": "base", "filename": "/etc/yum.repos.d/a.repo", "name": "Base $releasever",
            "baseurl": "http://x?a=b\nhttp://y", "enabled": "1"}  # fmt: skip
    assert process(fact, REPOSITORIES) == [base, {"repoid": "b", "filename": "/etc/yum.repos.d/b.repo", "name": "B"}]


def test_files_of_repositories_are_read(read, tmp_path):
    (tmp_path / "a.repo").write_text("[a]\nname=A")
    (tmp_path / "b.repo").write_text("[b]\nname=B\n")

    class Here(repositories.RepositoriesBase):
        program = "sh"
        files = (f"{tmp_path}/*.repo", f"{tmp_path}/nothing")

    assert [repo["name"] for repo in read(Here)] == ["A", "B"]
    assert Here().requires_command() == "sh"


@pytest.mark.parametrize(
    ("fact", "arguments", "command"),
    [
        (rpm.RpmPackage, ("bash",), r"rpm --queryformat '%{NAME} %{VERSION}-%{RELEASE}\n' -qa -- bash"),
        (rpm.RpmPackage, ("a*[b",), r"rpm --queryformat '%{NAME} %{VERSION}-%{RELEASE}\n' -qa -- 'a[*][[]b'"),
        (rpm.RpmPackage, ("http://x/a.rpm",), r"rpm --queryformat '%{NAME} %{VERSION}-%{RELEASE}\n"
     "' -qp -- http://x/a.rpm"),
        (rpm.RpmPackageProvides, ("a;b",), r"dnf repoquery --quiet --queryformat '%{NAME} %{VERSION}-%{RELEASE}\n'"
         " '--whatprovides=a;b'"),
        (pip.PipPackages, (), "PIP_DISABLE_PIP_VERSION_CHECK=1 pip list --format=json"),
        (pip.Pip3Packages, (), "PIP_DISABLE_PIP_VERSION_CHECK=1 pip3 list --format=json"),
        (pip.PipPackages, ("python3 -m pip",), "PIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip list --format=json"),
        (pip.PipOutdated, ("pip",
     ["--pre"]), "PIP_DISABLE_PIP_VERSION_CHECK=1 pip list --format=json --outdated --pre"),
        (uv.UvAvailablePythonsByVersion, (), "uv python list --managed-python --output-format=json"),
        (uv.UvInstalledPythonsByImplementation, (False,), "uv python list --only-installed --output-format=json"),
        (uv.UvPipPackages, (["-p", "/a b"],), "uv pip list --format=json -p '/a b'"),
        (npm.NpmPackages, (), "npm list --json --depth=0 -g 2>/dev/null || [ $? -eq 1 ]"),
        (go.GoNewest, (["a.b/c"],), "cd / && go list -m -f '{{.Path}} {{.Version}}' -- a.b/c@latest"),
        (cargo.CargoNewest, (["a",
     "b;c"],), "for p in a 'b;c' ; do cargo search --quiet --limit 20 -- \"$p\" || exit 1; done"),
    ],
)  # fmt: skip
def test_commands(fact, arguments, command):
    assert fact().command(*arguments).render() == command


@pytest.mark.parametrize(
    ("pip_is", "program"), [(None, "pip"), ("pip3", "pip3"), ("python3 -m pip", "python3"), ("'/a b/bin/pip'", None)]
)
def test_the_program_that_pip_needs(pip_is, program):
    assert pip.PipPackages().requires_command(pip_is) == program
    assert pip.PipOutdated().requires_command(pip_is) == program


@pytest.mark.parametrize("text", ["it's", "''", " "])
def test_how_pip_is_called_has_to_be_a_command_line(text):
    with pytest.raises(FactValueError):
        pip.PipPackages().words(text)


def test_an_environment_that_is_not_there_has_no_packages(read, tmp_path):
    assert read(pip.PipPackages, f"'{tmp_path}/it is not/bin/pip'") == {}
    fake = tmp_path / "a b" / "pip"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\necho "[{\\"name\\": \\"$1$2\\", \\"version\\": \\"1\\"}]"\n')
    fake.chmod(0o755)
    assert read(pip.PipPackages, f"'{fake}'") == {"list--format=json": {"1"}}
    assert read(npm.NpmPackages, f"{tmp_path}/not there") == {}


@pytest.mark.parametrize(
    ("fact", "output"),
    [
        (brew.BrewVersion, "command not found"),
        (npm.NpmOutdated, '{"error": {"code": "ECONNREFUSED", "summary": "no answer"}}'),
        (flatpak.FlatpakRefFile, "<html>\nName=x\n"),
    ],
)
def test_what_cannot_be_understood_is_an_error(process, fact, output):
    with pytest.raises(FactProcessError):
        process(fact, output)


def test_names_and_versions_are_split():
    assert split_last_dash("py311-pip-23.3.1nb2") == ("py311-pip", "23.3.1nb2")


class TestUnlessSaid:
    @pytest.mark.parametrize(
        ("message", "script", "expected"),
        [
            ("no such", "echo found; echo warning >&2", "found\n"),
            ("no such", "echo half; echo 'error: no such thing' >&2; exit 3", "half\n"),
            ("no such", "echo 'disk on fire' >&2; exit 3", None),
            (None, "exit 1", ""),
            (None, "echo out; exit 127", "out\n"),
            (None, "echo why: >&2; exit 1", None),
        ],
    )
    def test_what_is_absent_and_what_failed(self, read, message, script, expected):
        command = unless_said(message, "sh", "-c", script).render()
        done = subprocess.run([*read.shell, "-c", command], capture_output=True, text=True, env=read.env)
        if expected is None:
            assert done.returncode in (1, 3)
            assert done.stderr.strip() in ("disk on fire", "why:")
        else:
            assert (done.returncode, done.stdout) == (0, expected)

    def test_hostile_words(self, read):
        command = unless_said("it's $(x)", "sh", "-c", 'echo "$0"', "a'b $(c)").render()
        done = subprocess.run([*read.shell, "-c", command], capture_output=True, text=True, env=read.env, check=True)
        assert done.stdout == "a'b $(c)\n"


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (None, "", False),
        (".profile", 'export PATH="$PATH:HOME/my bin"\n', True),
        (".bashrc", 'export PATH="$HOME/my bin:$PATH"\n', True),
        (".zshrc", "path+=(~/my bin)\n", True),
        (".config/fish/conf.d/x.fish", 'fish_add_path "HOME/my bin"\n', True),
        (".vimrc", "HOME/my bin\n", False),
    ],
)
def test_the_search_path(read, tmp_path, file, text, expected):
    home = str(tmp_path)
    read.env["HOME"] = home
    if file:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text.replace("HOME/", f"{home}/").replace(f"${home}", "$HOME"))
    assert read(OnPath, directory=f"{home}/my bin") is expected
    read.env["PATH"] += f":{home}/my bin"
    assert read(OnPath, directory=f"{home}/my bin") is True


def test_rpm_is_asked_for_many_at_once(read, tmp_path):
    fake = tmp_path / "rpm"
    fake.write_text(
        "#!/bin/sh\nfor p; do :; done\n"
        'case "$*" in *whatprovides*) echo "by 1-1";; *) echo "package $p is not installed"; exit 1;; esac\n'
    )
    fake.chmod(0o755)
    read.env["PATH"] = f"{tmp_path}:{read.env['PATH']}"
    assert read(rpm_state.RpmInstalled, packages=["a b", "it's", "$(x)"]) == {
        "a b": {"by": {"1-1"}}, "$(x)": {"by": {"1-1"}}, "it's": {"by": {"1-1"}}}  # fmt: skip


@pytest.mark.parametrize("name", ["a;b", "$(x)", "it's", "a b", "-x"])
@pytest.mark.parametrize(
    "fact", [pacman.PacmanUnpackGroup, snap.SnapPackage, flatpak.FlatpakPackage, flatpak.FlatpakRefFile]
)
def test_hostile_names_stay_one_word(read, tmp_path, fact, name):
    for program in ("pacman", "snap", "flatpak", "cat"):
        fake = tmp_path / program
        fake.write_text(
            '#!/bin/sh\nfor p; do :; done\nprintf "name: %s\\nID: %s\\nName=%s\\n[Flatpak Ref]\\n" "$p" "$p" "$p"\n'
        )
        fake.chmod(0o755)
    read.env["PATH"] = f"{tmp_path}:{read.env['PATH']}"
    assert name in str(read(fact, name))


def test_what_programs_say_of_absence(read, tmp_path):
    says = {"pacman": "error: target not found: x", "snap": 'error: no snap found for "x"',
            "flatpak": "error: x/*unspecified*/*unspecified* not installed"}  # fmt: skip
    for program, text in says.items():
        (tmp_path / program).write_text(f"#!/bin/sh\necho '{text}' >&2; exit 1\n")
        (tmp_path / program).chmod(0o755)
    read.env["PATH"] = f"{tmp_path}:{read.env['PATH']}"
    assert read(pacman.PacmanUnpackGroup, "x") == []
    assert read(snap.SnapPackage, "x") == read(flatpak.FlatpakPackage, "x") == {}
    for program in says:
        (tmp_path / program).write_text("#!/bin/sh\necho 'database is locked' >&2; exit 1\n")
    for fact in (pacman.PacmanUnpackGroup, snap.SnapPackage, flatpak.FlatpakPackage):
        with pytest.raises(ReadFailed, match="locked"):
            read(fact, "x")
