"""Facts about services: what the scripts and programs of each service manager say, and what that means."""

from __future__ import annotations

import re

import pytest
from fact_reader import ReadFailed

from ropewalk.facts.bsdinit import RcdEnabled, RcdScript, RcdStatus
from ropewalk.facts.launchd import LaunchdStatus
from ropewalk.facts.openrc import OpenrcEnabled, OpenrcService, OpenrcStatus
from ropewalk.facts.runit import RunitManaged, RunitStatus
from ropewalk.facts.sysvinit import InitdStatus, InitLinks, InitScript
from ropewalk.facts.upstart import UpstartStatus
from ropewalk.model.errors import FactProcessError


@pytest.fixture
def programs(read, tmp_path):
    """Put a program in front of the others; return the function that does it."""
    bin = tmp_path / "bin"
    bin.mkdir()
    read.env["PATH"] = f"{bin}:{read.env['PATH']}"

    def put(name, script):
        (bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (bin / name).chmod(0o755)

    return put


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def moved(read, fact, root, *args, **kwargs):
    """Read a fact whose command looks below /etc as if that were another directory."""

    class Moved(fact):
        def command(self, *args, **kwargs):
            command = super().command(*args, **kwargs)
            text = command if isinstance(command, str) else command.render()
            return re.sub(r"((?:/usr/local|/usr/pkg)?/etc/)", rf"{root}\1", text)

    return read(Moved, *args, **kwargs)


@pytest.mark.parametrize(
    ("status", "runs"), [(0, True), (1, False), (2, False), (3, False), (4, None), (127, None), (150, None)]
)
def test_what_the_status_of_a_script_means(process, status, runs):
    assert process(InitdStatus, f"some text\na={status}") == {"a": runs}


def test_init_scripts(read, tmp_path):
    for name, status in (("runs", 0), ("dead", 3), ("unclear", 4), ("odd name", 0)):
        script(tmp_path / "etc/init.d" / name, f"### BEGIN INIT INFO\necho chatter; exit {status}")
    script(tmp_path / "etc/init.d/plain", "exit 0")  # no header: it need not know `status`
    (tmp_path / "etc/init.d/README").write_text("### BEGIN INIT INFO\n")
    assert moved(read, InitdStatus, tmp_path) == {"runs": True, "dead": False, "unclear": None, "odd name": True}
    assert moved(read, InitScript, tmp_path, "plain") == {"plain": True}
    assert moved(read, InitScript, tmp_path, "missing") == {}


def test_init_links(read, tmp_path):
    for level, link in ((2, "S01web"), (2, "S01webmail"), (0, "K05web"), (3, "Sxxweb"), (1, "S5web")):
        (tmp_path / f"etc/rc{level}.d").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"etc/rc{level}.d" / link).symlink_to(f"../init.d/{link[3:]}")
    root = f"{tmp_path}/etc"
    assert moved(read, InitLinks, tmp_path, "web") == {
        f"{root}/rc0.d/K05web": "../init.d/web",
        f"{root}/rc2.d/S01web": "../init.d/web",
    }
    assert moved(read, InitLinks, tmp_path, "web; touch x") == {}


def test_bsd_scripts(read, tmp_path):
    script(tmp_path / "etc/rc.d/sshd", "[ $1 = onestatus ]")
    script(tmp_path / "etc/rc.d/ntpd", "[ $1 = onestatus ] && exit 1; exit 1")
    script(tmp_path / "usr/local/etc/rc.d/nginx", "[ $1 = check ]")  # as on OpenBSD
    assert moved(read, RcdStatus, tmp_path) == {"sshd": True, "ntpd": False, "nginx": True}
    assert moved(read, RcdScript, tmp_path, "nginx") == {"nginx": True}
    assert moved(read, RcdScript, tmp_path, "ntpd") == {"ntpd": False}
    assert moved(read, RcdScript, tmp_path, "missing") == {}


@pytest.mark.parametrize(
    ("said", "enabled"),
    [
        ('# sshd\n#\nsshd_enable="YES"\n#   (default: "")', True),
        ('# sshd\n#\nsshd_enable="NO"', False),
        ("# sshd\n$sshd=YES", True),
        ("# sshd\n$sshd=NO", False),
        ("# sshd", False),
        ("rcctl=YES", True),
    ],
)
def test_what_rcvar_says(process, said, enabled):
    assert process(RcdEnabled, said) is enabled


def test_enabled_services_of_bsds(read, tmp_path, programs):
    script(tmp_path / "etc/rc.d/sshd", '[ $1 = rcvar ] && echo "sshd_enable=YES"')
    assert moved(read, RcdEnabled, tmp_path, "sshd") is True
    assert moved(read, RcdEnabled, tmp_path, "missing") is False
    programs("rcctl", '[ "$*" = "get httpd status" ]')
    assert read(RcdEnabled, "httpd") is True
    assert read(RcdEnabled, "relayd") is False


RC_STATUS = """Runlevel: default
 ntpd                                                   [  started 00:00:12 (0) ]
 \x1b[32;01msshd\x1b[0m                                     [  started  ]
 crond                                                  [  stopped  ]
 web.1                                                  [  crashed  ]
Dynamic Runlevel: hotplugged
"""


def test_openrc_status(process):
    assert process(OpenrcStatus, RC_STATUS) == {"ntpd": True, "sshd": True, "crond": False, "web.1": False}


def test_openrc_enabled(process):
    listing = "               agetty |        \n                 cron | default\n Caching service dependencies"
    assert process(OpenrcEnabled, listing) == {"agetty": False, "cron": True}
    assert OpenrcEnabled().command("a b").render() == "rc-update -v show -- 'a b'"


@pytest.mark.parametrize(("status", "runs"), [(0, True), (3, False), (8, False), (32, False)])
def test_an_openrc_service(read, programs, status, runs):
    programs("rc-service", f'case "$*" in "-e web") ;; "-- web status") echo said; exit {status};; *) exit 1;; esac')
    assert read(OpenrcService, "web") == {"web": runs}
    assert read(OpenrcService, "mail") == {}


RUNIT = """run: a: (pid 123) 5s
down: b: 1s, normally up
run: c: (pid 12) 3s; run: log: (pid 11) 3s
down: e: 3s, want up; run: log: (pid 11) 3s
fail: d: unable to change to service directory: file does not exist
warning: f: unable to open supervise/ok: file does not exist
"""


def test_runit_states(process):
    assert process(RunitStatus, RUNIT) == {"a": True, "b": False, "c": True, "e": False, "d": None, "f": None}


def test_runit_states_that_may_not_be_told(process):
    with pytest.raises(FactProcessError, match="sv may not tell"):
        process(RunitStatus, "warning: x: unable to open supervise/ok: access denied")


def test_runit_services(read, programs, tmp_path):
    programs("sv", 'echo "run: $2: (pid 1) 1s in $SVDIR"; [ "$2" = good ]')
    svdir = tmp_path / "it's a place"
    svdir.mkdir()
    for name in ("good", "bad"):
        (svdir / name).symlink_to(tmp_path)
    (svdir / "own").mkdir()
    assert read(RunitStatus, svdir=str(svdir)) == {"good": True, "bad": True, "own": True}
    assert read(RunitStatus, "good", str(svdir)) == {"good": True}
    assert read(RunitStatus, "none", str(svdir)) == {}
    assert read(RunitStatus, svdir=f"{svdir}/missing") == {}
    assert read(RunitManaged, svdir=str(svdir)) == {"good", "bad"}
    assert read(RunitManaged, "good", str(svdir)) == {"good"}
    assert read(RunitManaged, "own", str(svdir)) == set()
    assert read(RunitManaged, svdir=f"{svdir}/missing") == set()


def test_a_runit_directory_that_is_none_is_an_error(read, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ReadFailed):
        read(RunitStatus, svdir=str(tmp_path / "file"))


def test_upstart(process):
    listing = "a start/running, process 123\nb stop/waiting\nnet (lo) stop/waiting\nnet (eth0) start/running\nnoise"
    assert process(UpstartStatus, listing) == {"a": True, "b": False, "net": True}


def test_launchd(process):
    listing = "PID\tStatus\tLabel\n-\t0\tcom.apple.a\n123\t0\tcom.apple.b\n-\t-9\tcom with space"
    assert process(LaunchdStatus, listing) == {"com.apple.a": False, "com.apple.b": True, "com with space": False}
