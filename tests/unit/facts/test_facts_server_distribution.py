"""Which distribution a host runs, from the files that distributions ship."""

from __future__ import annotations

import pytest

from ropewalk.facts import server


def _files(**files):
    """Return what grep prints for files below /etc, ``os`` being ``/etc/os-release``."""
    return "".join(f"/etc/{name}-release:{line}\n" for name, text in files.items() for line in text.split("\n"))


def _os(name, identifier, version):
    return f'NAME="{name}"\nID={identifier}\nVERSION_ID="{version}"'


@pytest.mark.parametrize(
    ("files", "name", "major", "minor"),
    [
        ({"os": _os("Ubuntu", "ubuntu", "22.04")}, "Ubuntu", 22, 4),
        ({"os": _os("Debian GNU/Linux", "debian", "12")}, "Debian", 12, None),
        ({"os": "NAME='Debian GNU/Linux'\nID=debian\nPRETTY_NAME='Debian GNU/Linux trixie/sid'"}, "Debian", None, None),
        ({"os": _os("Alpine Linux", "alpine", "3.19.1"), "alpine": "3.19.1"}, "Alpine", 3, 19),
        ({"os": _os("CentOS Stream", "centos", "9"), "centos": "CentOS Stream release 9"}, "CentOS", 9, None),
        ({"centos": "CentOS Linux release 7.9.2009 (Core)",
          "os": _os("CentOS Linux", "centos", "7")}, "CentOS", 7, 9),
        ({"os": _os("Red Hat Enterprise Linux", "rhel", "8.9")}, "RedHat", 8, 9),
        ({"os": _os("Rocky Linux", "rocky", "9.3")}, "Rocky Linux", 9, 3),
        ({"os": _os("AlmaLinux", "almalinux", "9.3")}, "AlmaLinux", 9, 3),
        ({"os": _os("Oracle Linux Server", "ol", "7.9"),
          "redhat": "Red Hat Enterprise Linux Server release 7.9 (Maipo)"}, "Oracle Linux Server", 7, 9),
        ({"os": _os("Fedora Linux", "fedora", "39")}, "Fedora", 39, None),
        ({"os": _os("Amazon Linux", "amzn", "2"), "system": "Amazon Linux release 2 (Karoo)"},
         "Amazon Linux", 2, None),
        ({"arch": "", "os": 'NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling'}, "Arch Linux", None, None),
        ({"os": _os("openSUSE Leap", "opensuse-leap", "15.5")}, "openSUSE", 15, 5),
        ({"os": _os("openSUSE Tumbleweed", "opensuse-tumbleweed", "20240101")},
         "openSUSE Tumbleweed", 20240101, None),
        ({"os": _os("Gentoo", "gentoo", "2.14")}, "Gentoo", 2, 14),
        ({"os": _os("NixOS", "nixos", "23.11")}, "NixOS", 23, 11),
        ({"os": "NAME=X\nVERSION_ID=3.a"}, "X", 3, None),
        ({"os": "NAME=X\nVERSION_ID=a.3"}, "X", None, None),
        ({"os": 'PRETTY_NAME="X 3.2"'}, None, 3, 2),
        ({"redhat": "CentOS release 6.10 (Final)"}, "CentOS", 6, 10),
        ({"redhat": "Red Hat Enterprise Linux Server release 6.9 (Santiago)"}, "RedHat", 6, 9),
        ({"fedora": "Fedora release 20 (Heisenbug)"}, "Fedora", 20, None),
        ({"alpine": "3.1.4"}, "Alpine", 3, 1),
        ({"SuSE": "openSUSE 13.1 (x86_64)\nVERSION = 13.1"}, "openSUSE", 13, 1),
        ({"lsb": "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04"}, "Ubuntu", 10, 4),
        ({"os": _os("Ubuntu", "ubuntu", "22.04"), "upstream": "X release 1", "foo": "BAR=1"}, "Ubuntu", 22, 4),
    ],
)  # fmt: skip
def test_distributions(process, files, name, major, minor):
    found = process(server.LinuxDistribution, _files(**files))
    assert (found["name"], found["major"], found["minor"]) == (name, major, minor)
    assert server.LinuxName().process_data(found) == name


@pytest.mark.parametrize(
    ("text", "codename"),
    [
        ('VERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm', "bookworm"),
        ('VERSION="22.04.3 LTS (Jammy Jellyfish)"\nUBUNTU_CODENAME=jammy', "jammy"),
        ('VERSION="9.3 (Blue Onyx)"', "Blue Onyx"),
        ('VERSION="14.04, Trusty Tahr"', "Trusty Tahr"),
        ('VERSION="2"', None),
    ],
)
def test_code_names(process, text, codename):
    meta = process(server.LinuxDistribution, _files(os=text))["release_meta"]
    assert meta.get("CODENAME") == codename
    assert set(meta) - {"CODENAME"} == {line.split("=")[0] for line in text.split("\n")}


def test_the_file_of_the_vendor_stands_in(process):
    found = process(server.LinuxDistribution, "/usr/lib/os-release:NAME=X\n/usr/lib/os-release:VERSION_ID=1\n")
    assert (found["name"], found["major"], found["release_meta"]) == ("X", 1, {"NAME": "X", "VERSION_ID": "1"})


def test_no_files_at_all():
    assert server.LinuxDistribution.default() == {"name": None, "major": None, "minor": None, "release_meta": {}}


def test_os_release(process):
    output = (
        'NAME="a b"\n\n# c\nID=x\nQUOTED=\'q "z"\'\nbroken\nESCAPED="a\\"b\\$c\\`d\\\\e"\nEQUALS=a=b\nOPEN="x\nEMPTY=\n'
    )
    assert process(server.OsRelease, output) == {
        "name": "a b",
        "id": "x",
        "quoted": 'q "z"',
        "escaped": 'a"b$c`d\\e',
        "equals": "a=b",
        "open": '"x',
        "empty": "",
    }
    assert server.OsRelease.default() is None


def test_this_machine(read):
    release = read(server.OsRelease)
    assert {name.upper(): value for name, value in release.items()}.items() <= (
        read(server.LinuxDistribution)["release_meta"].items()
    )


def test_lsb_release(process):
    output = (
        "No LSB modules are available.\nDistributor ID:\tDebian\nDescription:\tDebian: 12\nRelease:\t12\n"
        "Codename:\tbookworm\nLSB Version:\tcore-9\n"
    )
    assert process(server.LsbRelease, output) == {
        "id": "Debian", "description": "Debian: 12", "release": "12", "codename": "bookworm", "version": "core-9",
    }  # fmt: skip
    assert server.LsbRelease().requires_command() == "lsb_release"


def test_macos(process):
    assert process(server.MacosVersion, "14.1\n") == "14.1"
    assert server.MacosVersion().requires_command() == "sw_vers"
