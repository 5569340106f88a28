"""What apt and dpkg say, as recorded from them on Debian 12."""

from __future__ import annotations

import os
import subprocess

import pytest

from ropewalk.facts import apt_state
from ropewalk.facts.apt_state import (
    AptListsAge,
    AptListsLocked,
    AptPreview,
    AptSourceFiles,
    DebLeftovers,
    DebOtherNames,
    DebUrl,
)

UPGRADE = """\
Reading package lists...
The following packages will be upgraded:
  th-hello
1 upgraded, 1 newly installed, 2 to remove and 0 not upgraded.
Remv th-old [0.9]
Purg th-older [0.8]
Purg th-oldest []
Inst th-hello [1.0] (2.0 localhost [all]) []
Inst libth:i386 (1.0-1 Debian:12.5/stable [i386])
Conf th-hello (2.0 localhost [all])
Conf libth:i386 (1.0-1 Debian:12.5/stable [i386])
Conf th-half (3.0 localhost [all])
exit 0
"""


def test_a_preview():
    assert AptPreview().process(UPGRADE.splitlines()) == [
        {"name": "th-old", "before": "0.9", "after": None},
        {"name": "th-older", "before": "0.8", "after": None},
        {"name": "th-oldest", "before": "configuration files", "after": None},
        {"name": "th-hello", "before": "1.0", "after": "2.0"},
        {"name": "libth:i386", "before": None, "after": "1.0-1"},
        {"name": "th-half", "before": "not configured", "after": "3.0"},
    ]


@pytest.mark.parametrize(
    ("output", "expected"), [(["0 upgraded, 0 newly installed", "exit 0"], []), (["exit 100"], None)]
)
def test_no_preview(output, expected):
    assert AptPreview().process(output) == expected


def test_a_preview_is_a_dry_run_in_english():
    assert AptPreview().command("A=b apt-get install 'a;b'").render().startswith(
        "LC_ALL=C A=b apt-get install 'a;b' --dry-run 2>/dev/null;"
    )  # fmt: skip


def test_a_lock():
    assert AptListsLocked().process(["locked"]) is True
    assert AptListsLocked().default() is False


def _run(fact, **arguments):
    done = subprocess.run(["sh", "-c", fact.command(**arguments).render()], capture_output=True, text=True, check=True)
    return fact.process(done.stdout.splitlines()) if done.stdout else fact.default()


@pytest.fixture
def etc(tmp_path, monkeypatch):
    """A directory in place of /etc/apt, with a stamp of the last update."""
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("deb x\n")
    monkeypatch.setattr(apt_state, "_SOURCES", (f"{tmp_path}/sources.list", f"{tmp_path}/sources.list.d"))
    monkeypatch.setattr(apt_state, "UPDATE_STAMP", f"{tmp_path}/stamp")
    return tmp_path


def _age(path, seconds):
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_the_age_of_the_lists(etc):
    assert _run(AptListsAge()) is None
    (etc / "stamp").touch()
    for path in (etc, etc / "sources.list", etc / "sources.list.d"):
        _age(path, 10_000)
    _age(etc / "stamp", 3_600)
    assert _run(AptListsAge()) in range(3_600, 3_700)
    (etc / "sources.list.d" / "new.list").touch()
    assert _run(AptListsAge()) is None


def test_lists_are_as_old_as_their_sources_allow(etc):
    (etc / "stamp").touch()
    _age(etc / "stamp", 60)
    assert _run(AptListsAge()) is None


def test_source_files(etc):
    (etc / "sources.list.d" / "a.list").write_text("#file x\n\n deb y")
    (etc / "sources.list.d" / "b.sources").write_text("Types: deb\n")
    (etc / "sources.list.d" / "empty.list").write_text("")
    assert _run(AptSourceFiles()) == {
        f"{etc}/sources.list": ["deb x"],
        f"{etc}/sources.list.d/a.list": ["#file x", "", " deb y"],
        f"{etc}/sources.list.d/empty.list": [],
    }


def test_leftovers():
    output = ["ii  bash 5.2", "rc  th-hello 1.0", "un  none ", "hi  held 3"]
    assert DebLeftovers().process(output) == {"th-hello": ["1.0"]}


def test_other_names():
    output = [
        "ii |exim4:amd64|4.96|mail-transport-agent, default-mta",
        "hi |libc6:i386|2.36|libc6-i686, rtld:any (= 1:2.36-9), x (= 1)",
        "ii |libc6:amd64|2.36|",
        "rc |gone:all|1|virtual",
    ]
    assert DebOtherNames().process(output) == {
        "exim4:amd64": {"4.96"}, "mail-transport-agent": set(), "default-mta": set(),
        "libc6:i386": {"2.36"}, "libc6-i686": set(), "rtld": {"1:2.36-9"}, "x": {"1"}, "libc6:amd64": {"2.36"},
    }  # fmt: skip


def test_the_package_behind_a_url():
    assert DebUrl().process(["Package: a", "Version: 1:2-3"]) == {"name": "a", "version": "1:2-3"}
