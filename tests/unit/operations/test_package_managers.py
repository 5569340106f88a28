"""Package managers: which commands for which host, and what the plan says."""

from __future__ import annotations

import pytest

from ropewalk.api.context import current_host, use
from ropewalk.api.inventory import Inventory
from ropewalk.facts.apk import ApkPackages, ApkPreview
from ropewalk.facts.brew import BrewCasks, BrewItemKind, BrewOutdated, BrewPackages, BrewTaps, BrewTrusted, BrewVersion
from ropewalk.facts.choco import ChocoOutdated, ChocoPackages, ChocoVersion
from ropewalk.facts.dnf import DnfDisabledModules, DnfEnabledModules
from ropewalk.facts.files import File, FileContents
from ropewalk.facts.flatpak import FlatpakPackages, FlatpakRefFile, FlatpakRefs
from ropewalk.facts.keyrings import OfferedKeys
from ropewalk.facts.opkg import OpkgPackages, OpkgPkgUpgradeInfo, OpkgUpgradeablePackages
from ropewalk.facts.pacman import PacmanGroups, PacmanPackages, PacmanPreview
from ropewalk.facts.pkg import PkgOrigins, PkgPackages
from ropewalk.facts.pkgin import PkginOutdated, PkginPackages
from ropewalk.facts.rpm import RpmPackage, RpmPackages
from ropewalk.facts.rpm_state import DnfPreview, RpmInstalled, RpmKeys, ZypperPreview
from ropewalk.facts.server import Arch, Os, OsVersion, Which
from ropewalk.facts.snap import SnapChannels
from ropewalk.facts.xbps import XbpsPackages, XbpsPreview
from ropewalk.model.command import Change, Diff, Upload
from ropewalk.model.errors import OperationError, OperationTypeError, OperationValueError
from ropewalk.operations import apk, brew, choco, dnf, flatpak, opkg, pacman, pkg, pkgin, snap, xbps, yum, zypper
from ropewalk.testing import evaluate, fact_key

ZYPPER = "ZYPP_LOCK_TIMEOUT=300 zypper"
HAVE = {"a": {"1-1"}, "b": {"2.0-1", "1.0-1"}, "g++": {"4-1"}}
FACTS = {
    RpmPackages: HAVE, RpmInstalled: {}, DnfPreview: None, ZypperPreview: None,
    PacmanPackages: HAVE, PacmanPreview: None, PacmanGroups: {"g": ["a", "x"]},
    ApkPackages: HAVE, ApkPreview: None, XbpsPackages: {"a": {"1_1"}}, XbpsPreview: None,
    PkginPackages: HAVE, PkginOutdated: {"b": {"1.0-1"}},
    OpkgPackages: HAVE, OpkgUpgradeablePackages: {"b": OpkgPkgUpgradeInfo("1", "3")},
    BrewPackages: HAVE, BrewCasks: HAVE, BrewVersion: [4, 2, 0],
    BrewOutdated: {"formulae": {"b": "3"}, "casks": {"a": "9"}}, BrewTaps: ["ex/tools"],
    BrewTrusted: {"taps": ["ex/tools"], "formulae": [], "casks": [], "commands": []},
    ChocoPackages: HAVE, ChocoOutdated: {"b": "3"}, ChocoVersion: "2.2.2",
    SnapChannels: {"a": "latest/stable", "b": "stable", "l": "5.0/stable/...", "n": ""},
    FlatpakPackages: ["org.a.A"], FlatpakRefs: ["org.a.A/x86_64/stable"], FlatpakRefFile: "org.b.B//stable",
    PkgPackages: HAVE, PkgOrigins: {"x/a": {"1"}}, Which: "/usr/sbin/pkg",
    DnfEnabledModules: {"php": "8.0"}, DnfDisabledModules: ["perl"],
}  # fmt: skip
BSD = {Which: None, Os: "OpenBSD", OsVersion: "7.4", Arch: "amd64", File: None}
ADDED = (
    ' && for p in {0} ; do if apk info -e -- "$p" >/dev/null 2>&1; '
    'then echo "$p is still installed" >&2; exit 1; fi; done'
)


CASES = [
    (dnf.packages, ["c", "a"], {}, ["dnf install -y c"]),
    (dnf.packages, ["a", "b=1.0", "b=2.0-1", "b=2.*", "g++"], {}, []),
    (dnf.packages, ["a=2"], {}, ["dnf install -y a-2"]),
    (dnf.packages, ["c", "a"], {"latest": True}, ["dnf install -y c", "dnf update -y a"]),
    (dnf.packages, ["c"], {"nobest": True, "extra_install_args": "--x 'y z'"}, ["dnf install -y --nobest --x 'y z' c"]),
    (dnf.packages, ["c", "a"], {"present": False, "extra_uninstall_args": "--noautoremove"},
     ["dnf remove -y --noautoremove a"]),
    (dnf.packages, ["@g", "f*", "/x/y.rpm", "https://h/y.rpm"], {}, ["dnf install -y @g 'f*' /x/y.rpm https://h/y.rpm"]),
    (dnf.packages, None, {"clean": True}, ["dnf clean all"]),
    (dnf.packages, None, {"update": True}, ["dnf update -y"]),
    (dnf.packages, ["a"], {"clean": True, "update": True}, ["dnf clean all", "dnf update -y"]),
    (dnf.packages, None, {}, []),
    (dnf.update, None, None, ["dnf update -y"]),
    (yum.packages, ["c", "a"], {"latest": True}, ["yum install -y c", "yum update -y a"]),
    (yum.packages, ["a"], {"present": False}, ["yum remove -y a"]),
    (yum.update, None, None, ["yum update -y"]),
    (zypper.packages, ["c", "a"], {"latest": True},
     [f"{ZYPPER} --non-interactive --gpg-auto-import-keys install -y c",
      f"{ZYPPER} --non-interactive --gpg-auto-import-keys update -y a"]),
    (zypper.packages, ["c=1"], {"extra_global_install_args": "--root /x", "extra_install_args": "--force"},
     [f"{ZYPPER} --root /x --non-interactive --gpg-auto-import-keys install -y --force c=1"]),
    (zypper.packages, ["a", "c"], {"present": False, "extra_global_uninstall_args": "-q", "extra_uninstall_args": "-u"},
     [f"{ZYPPER} -q --non-interactive remove -y -u a"]),
    (zypper.packages, ["a"], {"clean": True, "update": True},
     ["zypper --non-interactive clean --all", f"{ZYPPER} --non-interactive --gpg-auto-import-keys update -y"]),
    (zypper.update, None, None, [f"{ZYPPER} --non-interactive --gpg-auto-import-keys update -y"]),
    (pacman.packages, ["c", "a", "c=1-1"], {}, ["pacman --noconfirm -S --needed -- c c=1-1"]),
    (pacman.packages, ["a", "c", "g"], {"present": False}, ["pacman --noconfirm -R -- a g"]),
    (pacman.packages, None, {"update": True, "upgrade": True}, ["pacman -Sy", "pacman --noconfirm -Su"]),
    (pacman.update, None, None, ["pacman -Sy"]),
    (pacman.upgrade, None, None, ["pacman --noconfirm -Su"]),
    (apk.packages, ["c", "a", "b"], {"latest": True}, ["apk add -- c", "apk upgrade -- a b"]),
    (apk.packages, ["a=2", "a~1", "x@edge"], {}, ["apk add -- a=2 'a~1' x@edge"]),
    (apk.packages, ["a", "c"], {"present": False}, ["apk del -- a" + ADDED.format("a")]),
    (apk.packages, None, {"update": True, "upgrade": True}, ["apk update", "apk upgrade"]),
    (apk.update, None, None, ["apk update"]),
    (apk.upgrade, True, None, ["apk upgrade --available"]),
    (xbps.packages, ["c", "a", "a-1_1", "a>=2", "d-2.0_3"], {}, ["xbps-install -y -- c d-2.0_3 'a>=2'"]),
    (xbps.packages, ["a", "c"], {"present": False}, ["xbps-remove -y -- a"]),
    (xbps.packages, None, {"update": True, "upgrade": True}, ["xbps-install -S", "xbps-install -y -u"]),
    (xbps.update, None, None, ["xbps-install -S"]),
    (xbps.upgrade, None, None, ["xbps-install -y -u"]),
    (pkgin.packages, ["c", "a", "b"], {"latest": True}, ["pkgin -y install c b"]),
    (pkgin.packages, ["a", "c"], {"present": False}, ["pkgin -y remove a"]),
    (pkgin.packages, None, {"update": True, "upgrade": True}, ["pkgin -y update", "pkgin -y upgrade"]),
    (pkgin.update, None, None, ["pkgin -y update"]),
    (pkgin.upgrade, None, None, ["pkgin -y upgrade"]),
    (opkg.packages, ["c", "a"], {}, ["opkg update", "opkg install c"]),
    (opkg.packages, ["c"], {"update": False}, ["opkg install c"]),
    (opkg.packages, ["a"], {}, []),
    (opkg.packages, ["a", "b"], {"latest": True}, ["opkg update", "opkg upgrade b"]),
    (opkg.packages, ["a", "c"], {"present": False}, ["opkg remove a"]),
    (opkg.packages, "", {}, []),
    (opkg.packages, ["https://h/x=1.ipk"], {"update": False}, ["opkg install https://h/x=1.ipk"]),
    (opkg.update, None, None, ["opkg update"]),
    (brew.packages, ["c", "a", "b", "u/t/b"], {"latest": True}, ["brew install c", "brew upgrade b u/t/b"]),
    (brew.packages, ["a@3", "u/t/a"], {}, ["brew install a@3"]),
    (brew.packages, ["u/t/a", "c"], {"present": False}, ["brew uninstall a"]),
    (brew.packages, None, {"update": True, "upgrade": True}, ["brew update", "brew upgrade"]),
    (brew.casks, ["c", "a"], {"latest": True, "upgrade": True},
     ["brew upgrade --cask", "brew install --cask c", "brew upgrade --cask a"]),
    (brew.casks, ["a", "c"], {"present": False}, ["brew uninstall --cask a"]),
    (brew.casks, None, {"upgrade": True}, ["brew upgrade --cask"]),
    (brew.update, None, None, ["brew update"]),
    (brew.upgrade, None, None, ["brew upgrade"]),
    (brew.cask_upgrade, None, None, ["brew upgrade --cask"]),
    (choco.packages, ["c", "d:1.2", "a"], {},
     ["choco install -y c", "choco install -y d --version 1.2 --allow-downgrade"]),
    (choco.packages, ["a", "b"], {"latest": True}, ["choco upgrade -y b"]),
    (choco.packages, ["a", "c"], {"present": False}, ["choco uninstall -y -x a"]),
    (choco.install, None, None, []),
    (snap.package, ["a", "c"], {}, ["snap install --channel=latest/stable c"]),
    (snap.package, ["c", "d"], {"classic": True, "channel": "edge"},
     ["snap install --classic --channel=latest/edge c", "snap install --classic --channel=latest/edge d"]),
    (snap.package, ["a", "b", "l"], {"channel": "5.0"},
     ["snap refresh --channel=5.0/stable a", "snap refresh --channel=5.0/stable b",
      "snap refresh --channel=5.0/stable l"]),
    (snap.package, ["l"], {"channel": "5.0/stable/fix"}, []),
    (snap.package, ["n"], {}, ["snap refresh --channel=latest/stable n"]),
    (snap.package, ["a", "c"], {"present": False}, ["snap remove a"]),
    (snap.package, None, {}, []),
    (flatpak.packages, ["org.a.A", "org.c.C"], {"remote": "hub"}, ["flatpak install --noninteractive -- hub org.c.C"]),
    (flatpak.packages, ["org.a.A//stable", "app/org.a.A/x86_64/stable", "org.a.A//beta"], {},
     ["flatpak install --noninteractive -- org.a.A//beta"]),
    (flatpak.packages, ["org.c.C", "https://h/b.flatpakref"], {},
     ["flatpak install --noninteractive -- org.c.C", "flatpak install --noninteractive --from -- https://h/b.flatpakref"]),
    (flatpak.packages, ["org.a.A", "b.flatpakref"], {"present": False},
     ["flatpak uninstall --noninteractive -- org.a.A"]),
    (pkg.packages, ["c", "a", "x/a", "x/c"], {}, ["pkg install -y c x/c"]),
    (pkg.packages, ["a", "x/a"], {"present": False}, ["pkg delete -y a x/a"]),
    (dnf.module, "php", {"stream": "8.0"}, []),
    (dnf.module, "php", {"stream": "8.1"}, ["dnf module reset -y php", "dnf module enable -y php:8.1"]),
    (dnf.module, "ruby", {"stream": "3"}, ["dnf module enable -y ruby:3"]),
    (dnf.module, "perl", {"enabled": False}, []),
    (dnf.module, "php", {"enabled": False}, ["dnf module disable -y php"]),
]  # fmt: skip


def run(operation, argument, how, more=None):
    args = () if how is None and argument is None else (argument,)
    return evaluate(operation, *args, facts=FACTS | (more or {}), **(how or {}))


def commands(done):
    return [str(step) for step in done.steps if not isinstance(step, Change | Diff)]


@pytest.mark.parametrize(
    ("operation", "argument", "how", "expected"),
    [pytest.param(*case, id=f"{case[0].full_name}-{case[1]}-{case[2]}") for case in CASES],
)
def test_commands(operation, argument, how, expected):
    done = run(operation, argument, how)
    assert commands(done) == expected
    assert expected or done.noop


@pytest.mark.parametrize("name", ["a;reboot", "$(reboot)", "`reboot`", "x'y", 'x"y', "x|y", "x&y", "x>y", "\u2603"])
@pytest.mark.parametrize(
    "operation",
    [dnf.packages, yum.packages, zypper.packages, pacman.packages, apk.packages, xbps.packages, pkgin.packages,
     opkg.packages, brew.packages, brew.casks, choco.packages, snap.package, flatpak.packages, pkg.packages],
)  # fmt: skip
def test_hostile_names_stay_one_word(operation, name):
    *_, last = [step for step in run(operation, name, {}).steps if not isinstance(step, Change)]
    assert last.words[-1].replace(" ", "") == name  # dnf writes a comparison with spaces, still as one word


@pytest.mark.parametrize(
    ("operation", "before"),
    [(apk.packages, "update"), (brew.packages, "update"), (dnf.packages, "clean"), (zypper.packages, "clean"),
     (pacman.packages, "update"), (pkgin.packages, "update"), (xbps.packages, "update")],
)  # fmt: skip
def test_what_is_no_name_is_refused_before_anything_is_done(operation, before):
    host = Inventory((["a"], {})).get_host("a")
    with use(current_host, host), pytest.raises(OperationValueError):
        next(operation._inner(["-x"], **{before: True}))


@pytest.mark.parametrize("name", ["--root=/x", "-x", "", "a b", "a\nb"])
@pytest.mark.parametrize(
    "operation",
    [dnf.packages, yum.packages, zypper.packages, pacman.packages, apk.packages, xbps.packages, pkgin.packages,
     opkg.packages, brew.packages, brew.casks, choco.packages, snap.package, flatpak.packages, pkg.packages],
)  # fmt: skip
@pytest.mark.parametrize("present", [True, False])
def test_what_is_no_name_is_refused(operation, name, present):
    with pytest.raises(OperationValueError):
        run(operation, [name], {"present": present})


STEP = [{"name": "b", "after": "3"}, {"name": "new", "after": "1"}, {"name": "a", "after": None}]


@pytest.mark.parametrize(
    ("operation", "fact", "asked"),
    [
        (dnf.packages, DnfPreview, "dnf install --assumeno c"),
        (
            zypper.packages,
            ZypperPreview,
            f"{ZYPPER} --xmlout --non-interactive install -y --dry-run c",
        ),
        (pacman.packages, PacmanPreview, "pacman --noconfirm --print --print-format '%n %v' -S --needed -- c"),
        (apk.packages, ApkPreview, "apk --simulate add -- c"),
        (xbps.packages, XbpsPreview, "xbps-install --dry-run -- c"),
    ],
)
def test_what_the_manager_would_do_is_what_the_plan_shows(operation, fact, asked):
    versions = FACTS[RpmPackages] if operation is not xbps.packages else FACTS[XbpsPackages]
    facts = {key: value for key, value in FACTS.items() if key is not fact}
    done = evaluate(operation, ["c"], facts=facts | {fact_key(fact, command=asked): STEP})
    before = {name: ", ".join(sorted(found)) for name, found in versions.items()}
    assert done.steps[:-1] == [
        Change("b", before.get("b"), "3"),
        Change("new", None, "1"),
        Change("a", before["a"], None),
    ]
    assert evaluate(operation, ["c"], facts=facts | {fact_key(fact, command=asked): []}).noop


@pytest.mark.parametrize(
    ("operation", "fact"),
    [(dnf.update, DnfPreview), (yum.update, DnfPreview), (zypper.update, ZypperPreview),
     (pacman.upgrade, PacmanPreview), (apk.upgrade, ApkPreview), (xbps.upgrade, XbpsPreview)],
)  # fmt: skip
def test_upgrades_of_nothing(operation, fact):
    assert run(operation, None, None, {fact: []}).noop.startswith("there is nothing to up")
    changed = run(operation, None, None, {fact: [{"name": "b", "after": "3"}]})
    assert [step.after for step in changed.steps if isinstance(step, Change)] == ["3"]


def test_upgrades_of_nothing_that_are_known_from_lists():
    nothing = {BrewOutdated: {"formulae": {}, "casks": {}}, PkginOutdated: {}}
    for operation in (brew.upgrade, brew.cask_upgrade, pkgin.upgrade):
        assert run(operation, None, None, nothing).noop == "there is nothing to upgrade"
    assert run(brew.upgrade, None, None).steps[:2] == [Change("b", "older", "3"), Change("a", "older", "9")]
    assert commands(run(brew.upgrade, None, None, {BrewOutdated: None})) == ["brew upgrade"]


def test_latest_shows_versions_where_they_are_known():
    done = run(brew.packages, ["b"], {"latest": True})
    assert done.steps[0] == Change("b", "1.0-1, 2.0-1", "3")
    assert run(brew.packages, ["a"], {"latest": True}).noop == "all packages are the latest"
    assert run(brew.packages, ["a"], {"latest": True}, {BrewOutdated: None}).steps[0].after == "the latest"


def test_what_else_rpm_calls_a_package():
    more = {RpmInstalled: {"webserver": {"httpd": {"2-1"}}}}
    assert run(dnf.packages, ["webserver"], {}, more).noop
    assert commands(run(dnf.packages, ["webserver"], {"present": False}, more)) == ["dnf remove -y webserver"]
    assert RpmInstalled not in run(dnf.packages, ["a", "@g", "f*"], {}).asked


def test_a_list_alone_needs_no_preview():
    assert run(dnf.packages, ["a"], {}).asked == [RpmPackages]


@pytest.mark.parametrize(
    ("version", "command"), [([2, 5, 9], "brew cask install c"), ([0, 0, 0], "brew install --cask c")]
)
def test_casks_of_old(version, command):
    assert commands(run(brew.casks, ["c"], {}, {BrewVersion: version})) == [command]


@pytest.mark.parametrize(
    ("how", "taps", "expected"),
    [
        ({"src": "ex/tools"}, ["ex/tools"], ["brew untrust --tap ex/tools"]),
        ({"src": "Ex/homebrew-tools", "trusted": None}, ["ex/tools"], []),
        ({"src": "ex/tools", "trusted": True}, ["ex/tools"], []),
        ({"src": "ex/more", "trusted": True}, [], ["brew tap ex/more", "brew trust --tap ex/more"]),
        ({"src": "ex/more"}, [], ["brew tap ex/more"]),
        ({"src": "ex/more", "url": "https://h/x y"}, [], ["brew tap ex/more 'https://h/x y'"]),
        ({"url": "https://h/ex/homebrew-more.git"}, [], ["brew tap ex/more https://h/ex/homebrew-more.git"]),
        ({"url": "git@h:ex/more.git"}, [], ["brew tap ex/more git@h:ex/more.git"]),
        ({"src": "ex/tools", "present": False}, ["ex/tools"], ["brew untap ex/tools"]),
        ({"src": "ex/tools", "present": False}, [], []),
    ],
)
def test_taps(how, taps, expected):
    done = evaluate(brew.tap, facts=FACTS | {BrewTaps: taps}, **how)
    assert commands(done) == expected
    assert expected or done.noop


@pytest.mark.parametrize("how", [{}, {"src": "tools"}, {"src": "-x/y"}, {"src": "a/b; c"}, {"url": "https://h/x"}])
def test_what_is_no_tap_is_refused(how):
    with pytest.raises(OperationValueError):
        evaluate(brew.tap, facts=FACTS, **how)


def test_trust():
    def trust(items, trusted, kind=BrewItemKind.TAP):
        return commands(evaluate(brew.trust, items, kind, trusted, facts=FACTS))

    assert trust(["Ex/tools", "ex/more"], True) == ["brew trust --tap ex/more"]
    assert trust("ex/tools", False) == ["brew untrust --tap ex/tools"]
    assert trust("ex/tools/t", True, BrewItemKind.FORMULA) == ["brew trust --formula ex/tools/t"]
    assert trust(["ex/more"], False) == []
    with pytest.raises(OperationTypeError):
        trust("ex/tools", True, "taps")


def test_chocolatey_is_installed_once():
    [command] = commands(run(choco.install, None, None, {ChocoVersion: None}))
    assert "community.chocolatey.org/install.ps1" in command


@pytest.mark.parametrize("channel", ["", "a/b/c/d", "a//b", "-x", "a b", "latest/"])
def test_what_is_no_channel_is_refused(channel):
    with pytest.raises(OperationValueError, match="channel"):
        run(snap.package, ["a"], {"channel": channel})


@pytest.mark.parametrize(
    ("names", "how", "more", "expected"),
    [
        (["c", "a"], {}, {}, ["env PKG_PATH=https://cdn.openbsd.org/pub/OpenBSD/7.4/packages/amd64/ pkg_add c"]),
        (["c"], {}, {File: {"mode": 644}}, ["pkg_add c"]),
        (["c"], {"pkg_path": "/x y"}, {}, ["env 'PKG_PATH=/x y' pkg_add c"]),
        (["a--no_x11", "a%3", "a-1", "g++-4"], {}, {File: {}, PkgPackages: {"a": {"1"}, "g++": {"4"}}}, []),
        (["a-2", "c"], {"present": False}, {PkgPackages: {"a": {"1"}}}, []),
        (["a"], {"present": False}, {}, ["pkg_delete a"]),
        (["c"], {}, {Os: "NetBSD", OsVersion: "10.0"},
         ["env PKG_PATH=https://cdn.netbsd.org/pub/pkgsrc/packages/NetBSD/amd64/10.0/All pkg_add c"]),
        (["c"], {}, {Os: "DragonFly"}, ["pkg_add c"]),
    ],
)  # fmt: skip
def test_pkg_add(names, how, more, expected):
    assert commands(run(pkg.packages, names, how, BSD | more)) == expected


def test_pkg_path_is_not_for_freebsd():
    with pytest.raises(OperationValueError, match="pkg_path"):
        run(pkg.packages, ["c"], {"pkg_path": "/x"})


def test_opkg_has_no_versions():
    with pytest.raises(OperationValueError, match="certain version"):
        run(opkg.packages, ["a=1"], {})


@pytest.mark.parametrize(
    ("module", "stream"), [("php", None), ("php", ""), ("php;x", "8"), ("-x", "8"), ("php", "8 9")]
)
def test_what_is_no_module_is_refused(module, stream):
    with pytest.raises(OperationValueError):
        evaluate(dnf.module, module, stream, facts=FACTS)


# -- rpm files, keys and repositories -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "install", "remove"),
    [
        (dnf.rpm, "dnf install -y {}", "dnf remove -y a"),
        (yum.rpm, "yum install -y {}", "yum remove -y a"),
        (zypper.rpm,
         ZYPPER + " --non-interactive --gpg-auto-import-keys install -y --allow-unsigned-rpm --oldpackage {}",
         f"{ZYPPER} --non-interactive remove -y a"),
    ],
)  # fmt: skip
def test_rpm_files(operation, install, remove):
    def done(src, version, present=True):
        found = version and {"name": "a", "version": version}
        return evaluate(operation, src, present, facts=FACTS | {RpmPackage: found})

    assert done("/x/a.rpm", "1-1").noop == "a 1-1 is installed"
    assert done("/x/a.rpm", "2-1").steps[0] == Change("a", "1-1", "2-1")
    assert commands(done("https://h/a.rpm", "2-1")) == [install.format("https://h/a.rpm")]
    assert commands(done("-a b.rpm", None)) == [install.format("'./-a b.rpm'")]
    assert done("/x/a.rpm", "2-1", present=False).noop == "a 2-1 is not installed"
    assert commands(done("/x/a.rpm", "1-1", present=False)) == [remove]
    with pytest.raises(OperationError, match="not a package file"):
        done("/x/a.rpm", None, present=False)


@pytest.mark.parametrize("operation", [dnf.key, yum.key])
def test_keys(operation):
    offered = {"AAAA0000BBBB1111": b"x", "CCCC2222DDDD3333": b"y"}

    def done(src, trusted):
        return evaluate(operation, src, facts={OfferedKeys: offered, RpmKeys: trusted})

    assert done("/k", ["bbbb1111", "dddd3333"]).noop
    assert done("k y", ["bbbb1111"]).steps[0] == Change("key CCCC2222DDDD3333", None, "trusted")
    assert commands(done("k y", [])) == ["rpm --import './k y'"]
    assert commands(done("https://h/k", [])) == ["rpm --import https://h/k"]


@pytest.mark.parametrize(
    ("operation", "directory", "kind"),
    [(dnf.repo, "/etc/yum.repos.d", ""), (yum.repo, "/etc/yum.repos.d", ""),
     (zypper.repo, "/etc/zypp/repos.d", "type=rpm-md\n")],
)  # fmt: skip
class TestRepositories:
    def done(self, operation, src, lines=None, **how):
        return evaluate(operation, src, facts={FileContents: lines, File: None}, **how)

    def test_a_new_one(self, operation, directory, kind):
        *_, make, upload = self.done(operation, "ex", baseurl="http://h/$x").steps
        text = f"[ex]\nname=ex\nbaseurl=http://h/$x\nenabled=1\ngpgcheck=1\n{kind}"
        assert str(make) == f"mkdir -p {directory}"
        assert upload == Upload(text.encode(), f"{directory}/ex.repo", mode="644")
        assert self.done(operation, "ex", text.split("\n")[:-1], baseurl="http://h/$x").noop

    def test_all_values(self, operation, directory, kind):
        how = {"baseurl": "http://h", "description": "T", "enabled": False, "gpgcheck": False, "gpgkey": "http://k\n/l"}
        diff, upload = self.done(operation, "ex", ["[ex]"], **how).steps
        assert upload.source.decode() == (
            f"[ex]\nname=T\nbaseurl=http://h\nenabled=0\ngpgcheck=0\n{kind}gpgkey=http://k /l\n"
        )
        assert diff == Diff(f"{directory}/ex.repo", "[ex]\n", upload.source.decode())

    def test_removed(self, operation, directory, kind):
        assert commands(self.done(operation, "ex", ["[ex]"], present=False)) == [f"rm -f {directory}/ex.repo"]
        assert commands(self.done(operation, "https://h/a/ex.repo?x=y", ["x"], present=False)) == [
            f"rm -f {directory}/ex.repo"
        ]
        assert self.done(operation, "ex", present=False).noop

    def test_by_url(self, operation, directory, kind):
        [command] = commands(self.done(operation, "https://h/a/ex.repo"))
        assert "https://h/a/ex.repo" in command
        assert f"{directory}/ex.repo" in command

    @pytest.mark.parametrize(
        ("src", "how"),
        [("ex", {}), ("../ex", {"baseurl": "x"}), ("e x", {"baseurl": "x"}), ("", {"baseurl": "x"}),
         ("ex]\n[y", {"baseurl": "x"}), ("ex", {"baseurl": "x\nexclude=y"}), ("https://h/", {}),
         ("ex", {"baseurl": "x", "description": "a\rb"}), ("ex", {"baseurl": "x", "gpgkey": "key"}),
         (".x", {"baseurl": "x"})],
    )  # fmt: skip
    def test_what_would_spoil_the_file_is_refused(self, operation, directory, kind, src, how):
        with pytest.raises(OperationValueError):
            self.done(operation, src, **how)
