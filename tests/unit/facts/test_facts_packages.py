"""Facts about dpkg, apt and gpg: recorded output, and this machine read where it has the programs."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from fact_reader import ReadFailed

from ropewalk.facts import apt, deb, gpg
from ropewalk.facts.packages import parse_packages
from ropewalk.model.errors import FactProcessError, FactValueError

# -- dpkg -----------------------------------------------------------------------------------------------------

INSTALLED = """\
ii |adduser|3.134
hi |held|1.0
ri |to-be-removed|1.0
rc |removed|1.0
un |never|
pn |purged|
ii |libc6|2.36-9+deb12u10
ii |libc6|2.36
iU |unpacked|1
iF |half-configured|1
iHR|broken|1
iW |triggers-awaited|1
it |triggers-pending|1
"""


def test_what_is_installed(process):
    packages = {
        "adduser": {"3.134"},
        "held": {"1.0"},
        "to-be-removed": {"1.0"},
        "libc6": {"2.36", "2.36-9+deb12u10"},
        "triggers-awaited": {"1"},
        "triggers-pending": {"1"},
    }
    assert process(deb.DebPackages, INSTALLED) == process(apt.AptPackages, INSTALLED) == packages
    assert deb.DebPackages.default() == apt.AptPackages.default() == {}


@pytest.mark.parametrize(
    ("output", "package"),
    [
        ("ii |th+x|1:1.0-2\n", {"name": "th+x", "version": "1:1.0-2"}),
        ("rc |th|1\nii |th|2\n", {"name": "th", "version": "2"}),
        ("rc |th|1:1.0-2\n", None),
        ("un |th|\n", None),
    ],
)
def test_one_package(process, output, package):
    assert process(deb.DebPackage, output) == package


def test_what_is_needed():
    assert [fact().requires_command("x") for fact in (deb.DebArch, deb.DebPackages, deb.DebPackage)] == ["dpkg"] * 3
    assert [fact().requires_command() for fact in (apt.AptSources, apt.AptPackages)] == ["apt"] * 2
    assert apt.SimulateOperationWillChange().requires_command("upgrade") == "apt-get"
    assert apt.AptKeys().requires_command() == "gpg"
    assert deb.DebArch.constant


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs dpkg")
def test_packages_of_this_machine(read, tmp_path):
    assert "dpkg" in read(deb.DebPackages)
    assert read(deb.DebPackages)["dpkg"] == {read(deb.DebPackage, "dpkg")["version"]}
    for name in ("no-such-package", "dpk*", "dpk?", "-x", f"{tmp_path}/missing.deb"):
        assert read(deb.DebPackage, name) is None
    assert read(deb.DebArch) in ("amd64", "arm64", "i386", "armhf", "riscv64", "ppc64el", "s390x")


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs dpkg")
def test_a_package_in_a_file(read, tmp_path):
    control = tmp_path / "tree" / "DEBIAN" / "control"
    control.parent.mkdir(parents=True)
    control.write_text("Package: tiny\nVersion: 1:2~3\nArchitecture: all\nMaintainer: a <a@b>\nDescription: d\n")
    path = tmp_path / "a b.deb"
    subprocess.run(["dpkg-deb", "-b", str(tmp_path / "tree"), str(path)], check=True, capture_output=True)
    assert read(deb.DebPackage, str(path)) == {"name": "tiny", "version": "1:2~3"}
    path.write_text("no package")
    with pytest.raises(ReadFailed, match="dpkg-deb: error"):
        read(deb.DebPackage, str(path))


def test_lists_of_packages():
    lines = ["Listing...", "a 1", "b 2", "a 3", ""]
    assert parse_packages(r"([a-z]+) ([0-9]+)$", lines) == {"a": {"1", "3"}, "b": {"2"}}


# -- where apt gets packages from -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "repo"),
    [
        ("deb http://x y z", ("deb", "http://x", "y", ["z"], {})),
        ("  deb   http://x/\ty/updates  a b  # why", ("deb", "http://x/", "y/updates", ["a", "b"], {})),
        ("deb http://x ./", ("deb", "http://x", "./", [], {})),
        ("deb-src [arch=a,b signed-by=/k.gpg trusted=yes] http://x y z",
         ("deb-src", "http://x", "y", ["z"], {"arch": ["a", "b"], "signed-by": "/k.gpg", "trusted": "yes"})),
        ("deb [ arch=a ] http://x y", ("deb", "http://x", "y", [], {"arch": "a"})),
        ("deb cdrom:[Debian 12 #1]/ y main", ("deb", "cdrom:[Debian 12 #1]/", "y", ["main"], {})),
        ("# deb http://x y z", None),
        ("deb http://x", None),
        ("rpm http://x y z", None),
        ("", None),
    ],
)  # fmt: skip
def test_one_line_sources(line, repo):
    found = apt.parse_apt_repo(line)
    assert found == (repo and dict(zip(("type", "url", "distribution", "components", "options"), repo, strict=True)))


DEB822 = """\
# a comment
Types: deb deb-src
URIs: http://a
# within a paragraph
Suites: s1 s2
Components: main contrib
Signed-By: /usr/share/keyrings/k.gpg
Architectures: amd64 arm64
Trusted: yes
X-Repolib-ID: of another program

Enabled: no
Types: deb
URIs: http://off
Suites: s

types: deb
uris:
 http://e
 http://f
suites: ./
Languages: en
By-Hash: force
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----
"""


def test_deb822_sources():
    options = {"signed-by": "/usr/share/keyrings/k.gpg", "arch": ["amd64", "arm64"], "trusted": "yes"}
    first = [
        {"type": kind, "url": "http://a", "distribution": suite, "components": ["main", "contrib"], "options": options}
        for kind in ("deb", "deb-src")
        for suite in ("s1", "s2")
    ]
    key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----"
    second = [
        {"type": "deb", "url": url, "distribution": "./", "components": [],
         "options": {"lang": "en", "by-hash": "force", "signed-by": key}}
        for url in ("http://e", "http://f")
    ]  # fmt: skip
    assert apt.parse_deb822_file(DEB822.split("\n")) == [*first, *second]


def test_a_repository_has_items_and_attributes():
    repo = apt.AptRepo("deb", "http://x", "y", ["z"], {})
    assert (repo.url, repo["url"], repo.get("nothing"), "type" in repo) == ("http://x", "http://x", None, True)
    repo.url = "http://z"
    assert repo["url"] == "http://z"
    assert repo.to_json() == dict(repo)
    assert repr(repo).startswith("AptRepo(type='deb', url='http://z'")
    with pytest.raises(AttributeError, match="nothing"):
        repo.nothing  # noqa: B018 - the access is the test


def test_sources_of_a_host(process):
    output = (
        "/etc/apt/sources.list:deb http://a b c\n/etc/apt/sources.list:\n"
        "/etc/apt/sources.list.d/y.list:deb http://a2:80/x b2 c\n"
        "/etc/apt/sources.list.d/z.sources:Types: deb\n/etc/apt/sources.list.d/z.sources:URIs: http://q\n"
        "/etc/apt/sources.list.d/z.sources:Suites: x\n/etc/apt/sources.list.d/z.sources:Components: m\n"
    )
    assert [repo.url for repo in process(apt.AptSources, output)] == ["http://a", "http://a2:80/x", "http://q"]
    assert apt.AptSources.default() == []


def test_sources_of_this_machine(read):
    assert isinstance(read(apt.AptSources), list)


# -- what a command would do ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("1 upgraded, 2 newly installed, 3 to remove and 4 not upgraded.", (1, 2, 3, 4, {})),
        ("0 upgraded, 0 newly installed, 1 downgraded, 0 to remove and 2 not upgraded.",
         (0, 0, 0, 2, {"downgraded": 1})),
        ("0 upgraded, 0 newly installed, 1 reinstalled, 0 to remove and 2 not upgraded.",
         (0, 0, 0, 2, {"reinstalled": 1})),
    ],
)  # fmt: skip
def test_simulation(process, line, counts):
    upgraded, new, removed, kept, more = counts
    assert process(apt.SimulateOperationWillChange, f"Reading\n{line}\nInst x\n") == {
        "upgraded": upgraded, "newly_installed": new, "removed": removed, "not_upgraded": kept, **more,
    }  # fmt: skip


def test_simulation_without_an_answer(process):
    with pytest.raises(FactProcessError, match="how many"):
        process(apt.SimulateOperationWillChange, "Reading\n")
    with pytest.raises(FactValueError, match="not a command line"):
        apt.SimulateOperationWillChange().command("install 'x")


def test_the_command_that_is_simulated():
    assert apt.SimulateOperationWillChange().command("install x=1 'a b'").render() == (
        'LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -y -o Dpkg::Options::="--force-confdef" '
        "-o Dpkg::Options::=\"--force-confold\" --dry-run install x=1 'a b'"
    )
    assert " -y --force-yes -o " in apt.noninteractive_apt("upgrade", force=True)


# -- keys -----------------------------------------------------------------------------------------------------

LISTING = """\
tru::1:1795455244:0:3:1:5
pub:-:4096:1:B7C5D7D6350947F8:1674301461:1926589461::-:::scSC::::::23::0:
rvk:::1::::::80E976F14A508A48E9CA3FE9BC372252CA1CF964:80:
fpr:::::::::B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8:
uid:-::::1674301461::100567F0EA7B90BC2ED03949BE60B7A6CFD8619F::Archive\\x3a <a@b>::::::::::0:
sub:-:4096:1:6ED0E7B82643E131:1674301461:1926589461:::::s::::::23:
fpr:::::::::4CB50190207B4758A3F73A796ED0E7B82643E131:
pub:e:255:22:AA:1:2::-:
"""
KEYS = {
    "B7C5D7D6350947F8": {
        "validity": "-",
        "length": 4096,
        "fingerprint": "B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8",
        "uid_hash": "100567F0EA7B90BC2ED03949BE60B7A6CFD8619F",
        "uid": "Archive: <a@b>",
        "subkeys": {
            "6ED0E7B82643E131": {
                "validity": "-",
                "length": 4096,
                "fingerprint": "4CB50190207B4758A3F73A796ED0E7B82643E131",
            }
        },
    },
    "AA": {"validity": "e", "length": 255, "subkeys": {}},
}


def test_keys(process):
    assert process(gpg.GpgKey, LISTING) == process(gpg.GpgKeys, LISTING) == KEYS
    assert process(gpg.GpgSecretKeys, LISTING) == {}


def test_secret_keys(process):
    output = (
        "sec:u:255:22:AA:1:::u:::\nfpr:::::::::FA:\ngrp:::::::::GA:\nuid:u::::1::H1::one:\n"
        "ssb:u:255:18:BB:1::\nfpr:::::::::FB:\n"
    )
    assert process(gpg.GpgSecretKeys, output) == {
        "AA": {
            "validity": "u", "length": 255, "fingerprint": "FA", "uid_hash": "H1", "uid": "one",
            "subkeys": {"BB": {"validity": "u", "length": 255, "fingerprint": "FB"}},
        }
    }  # fmt: skip


def test_keyrings(process):
    output = f"KEYRING:/a b/x.gpg\n{LISTING}KEYRING:/a/empty.asc\nKEYRING:/a/y.kbx\npub:u:1:1:BB:1\n"
    y = {"BB": {"validity": "u", "length": 1, "subkeys": {}}}
    assert process(gpg.GpgKeyrings, output) == {
        "/a b/x.gpg": {"format": "gpg", "keys": KEYS},
        "/a/empty.asc": {"format": "asc", "keys": {}},
        "/a/y.kbx": {"format": "kbx", "keys": y},
    }
    assert process(apt.AptKeys, output) == KEYS | y


@pytest.fixture(scope="module")
def keyring(tmp_path_factory):
    """A directory with the same key in both forms, and a keybox, made by gpg."""
    if not shutil.which("gpg"):
        pytest.skip("needs gpg")
    home, top = tmp_path_factory.mktemp("gpg"), tmp_path_factory.mktemp("keys")
    home.chmod(0o700)
    run = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    made = subprocess.run([*run, "--quick-generate-key", "ann <ann@x>", "ed25519", "sign"], capture_output=True)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], capture_output=True)
    if made.returncode:
        pytest.skip("gpg cannot make keys here")
    (top / "sub").mkdir()
    for name, flags in (("sub/a b.gpg", []), ("c.asc", ["--armor"])):
        subprocess.run([*run, *flags, "--output", str(top / name), "--export"], check=True, capture_output=True)
    shutil.copy(home / "pubring.kbx", top / "d.kbx")
    (top / "empty.gpg").touch()
    (top / "other.txt").write_text("no keyring")
    return top


def test_keyrings_of_this_machine(read, keyring, tmp_path):
    read.env["HOME"], read.env["TMPDIR"] = str(tmp_path), str(tmp_path)
    found = read(gpg.GpgKeyrings, [str(keyring), str(keyring / "missing")])
    assert set(found) == {str(keyring / name) for name in ("sub/a b.gpg", "c.asc", "d.kbx", "empty.gpg")}
    listings = [ring["keys"] for path, ring in found.items() if not path.endswith("empty.gpg")]
    (key,) = listings[0].values()
    assert (key["uid"], key["length"]) == ("ann <ann@x>", 255)
    assert [set(listing) for listing in listings] == [set(listings[0])] * 3
    assert set(read(apt.AptKeys, [str(keyring)])) == set(listings[0])
    for name in ("sub/a b.gpg", "c.asc"):
        assert set(read(gpg.GpgKey, str(keyring / name))) == set(listings[0])
    assert list(tmp_path.iterdir()) == [], "reading keys must leave nothing behind"


def test_no_keyrings(read, tmp_path):
    assert read(gpg.GpgKeyrings, str(tmp_path / "missing")) is None
    assert read(apt.AptKeys, []) is None


def test_what_is_no_key_is_an_error(read, keyring):
    with pytest.raises(ReadFailed, match="OpenPGP"):
        read(gpg.GpgKey, str(keyring / "other.txt"))


def test_commands_of_keys():
    assert gpg.GpgKeys().command().render() == "gpg --batch --list-keys --with-colons"
    assert gpg.GpgSecretKeys().command("/a b").render() == (
        "gpg --batch --list-secret-keys --with-colons --no-default-keyring --keyring '/a b'"
    )
    assert "curl -fsSL -- 'https://x/a b' || wget -q -O - -- 'https://x/a b'" in (
        gpg.GpgKey().command("https://x/a b").render()
    )
    for directory in apt.KEY_DIRECTORIES:
        assert f" {directory} " in apt.AptKeys().command().render()
