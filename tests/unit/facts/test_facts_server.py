"""Facts about the system, its configuration and who logs in: recorded output, and this machine read."""

from __future__ import annotations

import os
import platform
import pwd
from datetime import UTC, datetime, timedelta, timezone

import pytest
from fact_reader import ReadFailed

from ropewalk.facts import server
from ropewalk.model.errors import FactProcessError, FactValueError


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        (server.Kernel, platform.system()),
        (server.Os, platform.system()),
        (server.KernelVersion, platform.release()),
        (server.OsVersion, platform.release()),
        (server.Arch, platform.machine()),
        (server.Hostname, platform.node()),
        (server.User, pwd.getpwuid(os.geteuid()).pw_name),
    ],
)
def test_what_the_system_is(read, fact, value):
    assert read(fact) == value


def test_what_cannot_change_is_read_once():
    constant = {name for name in dir(server) if getattr(getattr(server, name), "constant", False)}
    assert constant == {"Kernel", "KernelVersion", "Os", "OsVersion", "Arch", "MacosVersion"}


# -- the surroundings of a user -------------------------------------------------------------------------------


def test_home(read):
    read.env["HOME"] = "/home/ann  x"
    assert read(server.Home) == "/home/ann  x"
    assert read(server.Home, user="root") == pwd.getpwnam("root").pw_dir
    assert read(server.Home, user="no-such-user") is None


@pytest.mark.parametrize("user", ["a b", "-a", "$x", "a;b", "a\n", "a/b", "~"])
@pytest.mark.parametrize("fact", [server.Home, server.AuthorizedKeys])
def test_names_that_no_user_has(fact, user):
    with pytest.raises(FactValueError, match="cannot be the name"):
        fact().command(user)


def test_path_is_told_as_it_is(read):
    read.only_programs_in("/bin:/a  b:$x:*")
    assert read(server.Path) == "/bin:/a  b:$x:*"


@pytest.mark.parametrize(
    ("env", "value"),
    [
        ({}, ""),
        ({"TMPDIR": "DIR"}, "DIR"),
        ({"TMPDIR": "/missing", "TEMP": "DIR"}, "DIR"),
        ({"TMPDIR": "", "TMP": "DIR", "TEMP": "/"}, "DIR"),
        ({"TMPDIR": "/missing"}, ""),
    ],
)
def test_temporary_directory(read, tmp_path, env, value):
    (tmp_path / "a b").mkdir()
    directory = str(tmp_path / "a b")
    read.env |= {key: text.replace("DIR", directory) for key, text in env.items()}
    assert read(server.TmpDir) == value.replace("DIR", directory)


def test_authorized_keys(read, tmp_path):
    path = tmp_path / "keys"
    path.write_text('ssh-ed25519 AAA a\n\n# comment\n  from="x y" ssh-rsa B b \nssh-ed25519 AAA a')
    keys = read(server.AuthorizedKeys, user="root", path=str(path))
    assert keys == ["ssh-ed25519 AAA a", 'from="x y" ssh-rsa B b', "ssh-ed25519 AAA a"]
    assert read(server.AuthorizedKeys, user="root", path=str(tmp_path / "missing")) == []
    assert read(server.AuthorizedKeys, user="no-such-user") == []


def test_authorized_keys_are_in_the_home_directory():
    assert server.AuthorizedKeys().command("ann").render().startswith("set -- ~ann/.ssh/authorized_keys ;")


# -- commands -------------------------------------------------------------------------------------------------


def test_which(read):
    assert read(server.Which, "cat").endswith("/cat")
    assert read(server.Which, "cd") == "cd"
    assert read(server.Which, "no-such-program") is None


def test_the_output_of_a_command(read):
    assert read(server.Command, "echo a; echo b | cat") == "a\nb"
    assert read(server.Command, "true") is None
    with pytest.raises(ReadFailed, match="3:"):
        read(server.Command, "exit 3")


# -- clocks ---------------------------------------------------------------------------------------------------


def test_date(read, process):
    assert abs(read(server.Date) - datetime.now(UTC)) < timedelta(minutes=5)
    zone = timezone(timedelta(hours=5, minutes=45))
    assert process(server.Date, "2023-11-21T17:27:23+0545") == datetime(2023, 11, 21, 17, 27, 23, tzinfo=zone)


@pytest.mark.parametrize(
    ("output", "value"),
    [
        ("/usr/share/zoneinfo/Asia/Calcutta\n/usr/share/zoneinfo/Asia/Kolkata", "Asia/Calcutta"),
        ("../usr/share/zoneinfo/UTC\n/usr/share/zoneinfo/UTC", "UTC"),
        ("/var/db/timezone/zoneinfo/Europe/Paris\n", "Europe/Paris"),
        ("/etc/alternatives/zone\n/usr/share/zoneinfo/Europe/Paris", "Europe/Paris"),
        ("/srv/zone\n/srv/zone", None),
        ("Europe/Paris\n", "Europe/Paris"),
        ("UTC\n", "UTC"),
    ],
)
def test_timezone(process, output, value):
    assert process(server.Timezone, output) == value


@pytest.mark.parametrize(
    ("output", "seconds"),
    [
        ("350735.47 234388.90", 350735),
        ("  05:07", 307),
        ("12:05:07", 43507),
        ("3-12:05:07", 302707),
        ("{ sec = 1700000000, usec = 123 } Tue Nov 14 22:13:20 2023\n1700000100", 100),
    ],
)
def test_uptime(process, output, seconds):
    assert process(server.Uptime, output) == seconds


def test_uptime_of_this_machine(read):
    assert read(server.Uptime) > 0
    with pytest.raises(FactProcessError, match="came up"):
        server.Uptime().process(["nonsense"])


@pytest.mark.parametrize(
    "output",
    [
        "0.39 1.09 12.03 1/100 12",
        " 17:40:23 up 10 days,  1:02,  3 users,  load average: 0.39, 1.09, 12.03",
        "17:40  up 10 days,  1:02, 3 users, load averages: 0.39 1.09 12.03",
        "17:40  up 10 days,  1:02, 3 users, load averages: 0,39 1,09 12,03",
    ],
)
def test_load_average(process, output):
    assert process(server.LoadAverage, output) == {"1": 0.39, "5": 1.09, "15": 12.03}


def test_load_average_of_this_machine(read):
    assert list(read(server.LoadAverage)) == ["1", "5", "15"]
    with pytest.raises(FactProcessError, match="load average"):
        server.LoadAverage().process(["up"])


# -- the kernel -----------------------------------------------------------------------------------------------


def test_linux_modules(process):
    output = (
        "nf_tables 315392 0 - Live 0x0000000000000000\n"
        "libcrc32c 12288 1 nf_tables, Live 0xffff\n"
        "x 12288 2 a,b, Live 0xffff (OE)\n"
        "y 1 1 [permanent], Loading 0x0\n"
    )
    assert process(server.KernelModules, output) == {
        "nf_tables": {"size": "315392", "instances": 0, "state": "Live"},
        "libcrc32c": {"size": "12288", "instances": 1, "state": "Live", "depends": ["nf_tables"]},
        "x": {"size": "12288", "instances": 2, "state": "Live", "depends": ["a", "b"]},
        "y": {"size": "1", "instances": 1, "state": "Loading"},
    }


def test_freebsd_modules(process):
    output = (
        "Id Refs Address                Size Name\n"
        " 1   89 0xffffffff80200000  2448f20 kernel\n"
        " 2    1 0xffffffff82518000    3df40 zfs.ko\n"
    )
    assert process(server.KernelModules, output) == {
        "kernel": {"address": "0xffffffff80200000", "id": "1", "refs": "89", "size": "2448f20"},
        "zfs.ko": {"address": "0xffffffff82518000", "id": "2", "refs": "1", "size": "3df40"},
    }


def test_modules_of_this_machine(read):
    assert isinstance(read(server.KernelModules), dict)


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("vm.swappiness = 60", "vm.swappiness", 60),
        ("k = -1", "k", -1),
        ("k = 1.5", "k", "1.5"),
        ("k = 0x10", "k", "0x10"),
        ("net.ipv4.tcp_rmem = 4096\t131072\t6291456", "net.ipv4.tcp_rmem", [4096, 131072, 6291456]),
        ("k = cubic reno", "k", ["cubic", "reno"]),
        ("k = 1 b", "k", [1, "b"]),
        ("kernel.version = #1 SMP a = b", "kernel.version", "#1 SMP a = b"),
        ("kernel.core_pattern = |/usr/lib/x %p", "kernel.core_pattern", "|/usr/lib/x %p"),
        ("k = ", "k", ""),
        ("k =", "k", ""),
        ("kern.ostype: FreeBSD", "kern.ostype", "FreeBSD"),
        ("kern.ostype=OpenBSD", "kern.ostype", "OpenBSD"),
    ],
)
def test_settings_of_the_kernel(process, line, key, value):
    assert process(server.Sysctl, line + "\nno setting") == {key: value}


def test_sysctl_of_this_machine(read):
    if not any(os.access(f"{d}/sysctl", os.X_OK) for d in ("/sbin", "/usr/sbin")):
        pytest.skip("there is no sysctl")
    assert read(server.Sysctl, keys=["kernel.ostype", "no.such.key"]) == {"kernel.ostype": "Linux"}
    assert read(server.Sysctl, keys="kernel.ostype") == {"kernel.ostype": "Linux"}
    assert read(server.Sysctl, keys=[]) == {}
    assert len(read(server.Sysctl)) > 100


@pytest.mark.parametrize(("output", "value"), [("yes\n", True), ("", None)])
def test_reboot_required(process, output, value):
    assert server.RebootRequired.default() is False
    if value:
        assert process(server.RebootRequired, output) is value


def test_reboot_required_of_this_machine(read):
    expected = os.path.exists("/var/run/reboot-required") or os.path.exists("/var/run/reboot-required.pkgs")
    assert read(server.RebootRequired) is expected


# -- configuration --------------------------------------------------------------------------------------------


def test_etc_hosts(read, tmp_path):
    path = tmp_path / "hosts"
    path.write_text(
        "127.0.0.1 localhost a\n# c\n::1\tlocalhost ip6 # x\n127.0.0.1 b a\n\n10.0.0.1\n 1.1.1.1 z z\n2.2.2.2 y#x"
    )
    assert read(server.EtcHosts, str(path)) == {
        "127.0.0.1": ["localhost", "a", "b"],
        "::1": ["localhost", "ip6"],
        "1.1.1.1": ["z"],
        "2.2.2.2": ["y"],
    }
    assert read(server.EtcHosts, str(tmp_path / "missing")) == {}
    assert "localhost" in str(read(server.EtcHosts))


def test_locales(read, process):
    output = "C\nC.utf8\nca_ES.utf8@valencia\nde_DE.iso885915@euro\nen_GB.UTF-8\nen_GB.utf8\nPOSIX"
    assert process(server.Locales, output) == [
        "C", "C.UTF-8", "ca_ES.UTF-8@valencia", "de_DE.iso885915@euro", "en_GB.UTF-8", "en_GB.UTF-8", "POSIX",
    ]  # fmt: skip
    assert "POSIX" in read(server.Locales)
    assert server.Locales().requires_command() == "locale"


def test_security_limits(process):
    output = "# c\n\n*  soft core 0\nroot - nofile unlimited # why\n  @u\tsoft\tnofile\t5\nbad line\n"
    assert process(server.SecurityLimits, output) == [
        {"domain": "*", "limit_type": "soft", "item": "core", "value": "0"},
        {"domain": "root", "limit_type": "-", "item": "nofile", "value": "unlimited"},
        {"domain": "@u", "limit_type": "soft", "item": "nofile", "value": "5"},
    ]
    assert server.SecurityLimits.default() == []


@pytest.mark.parametrize(
    ("output", "mode"),
    [
        ("SELinux status:                 disabled\n", "disabled"),
        ("SELinux status:                 enabled\nCurrent mode:                   enforcing\n", "enabled"),
        ("something else\n", None),
    ],
)
def test_selinux(process, output, mode):
    assert process(server.Selinux, output) == {"mode": mode}
    assert server.Selinux.default() == {"mode": None}


def test_desktops(read, process):
    assert process(server.LinuxGui, "gnome-session\nxfce4-session\n") == ["GNOME", "XFCE 4"]
    assert server.HasGui().process_data(["GNOME"]) is True
    assert server.HasGui().process_data([]) is False
    assert isinstance(read(server.LinuxGui), list)


# -- logins ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "record"),
    [
        pytest.param(
            "root     pts/0        192.168.1.1      Tue Nov 21 17:27:23 2023   still logged in",
            ("root", "pts/0", "192.168.1.1", "Tue Nov 21 17:27:23 2023 still logged in"),
            id="from another host",
        ),
        pytest.param(
            "reboot   system boot  0.0.0.0          Tue Nov 21 17:27:23 2023   still running",
            ("reboot", "system boot", "0.0.0.0", "Tue Nov 21 17:27:23 2023 still running"),
            id="reboot",
        ),
        pytest.param(
            "admin                 0.0.0.0          Mon Nov 23 18:00:22 2026   gone - no logout",
            ("admin", "", "0.0.0.0", "Mon Nov 23 18:00:22 2026 gone - no logout"),
            id="without a terminal",
        ),
        pytest.param(
            "admin                                  Mon Nov 23 18:00    gone - no logout",
            ("admin", "", "", "Mon Nov 23 18:00 gone - no logout"),
            id="without a terminal and a host",
        ),
        pytest.param(
            "bob      tty1                          Mon Nov 21 17:27 - 18:00  (00:33)",
            ("bob", "tty1", "", "Mon Nov 21 17:27 - 18:00 (00:33)"),
            id="local",
        ),
        pytest.param(
            "bob        pts/0          10.0.0.2           Nov 21 17:27  00:12",
            ("bob", "pts/0", "10.0.0.2", "Nov 21 17:27 00:12"),
            id="BusyBox",
        ),
        pytest.param(
            "         ssh:notty    10.0.0.2         Tue Nov 21 17:27:23 2023 - Tue Nov 21 17:27:23 2023  (00:00)",
            ("", "ssh:notty", "10.0.0.2", "Tue Nov 21 17:27:23 2023 - Tue Nov 21 17:27:23 2023 (00:00)"),
            id="a failed login without a name",
        ),
    ],
)
@pytest.mark.parametrize("fact", [server.Last, server.Lastb])
def test_logins(process, fact, line, record):
    output = f"USER       TTY            HOST               LOGIN        TIME\n{line}\n\nwtmp begins Tue Nov 21 2023\n"
    assert process(fact, output) == [dict(zip(("user", "tty", "host", "time"), record, strict=True))]


def test_logins_that_were_never_recorded_and_those_that_may_not_be_read(read, tmp_path):
    if read.shell[0] == "busybox":
        pytest.skip("this shell has a last of its own")
    messages = {"last": "/var/log/wtmp: No such file or directory", "lastb": "/var/log/btmp: Permission denied"}
    for name, message in messages.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{name}: cannot open {message}' >&2\nexit 1\n")
        program.chmod(0o755)
    read.only_programs_in(tmp_path)
    assert read(server.Last) == []
    with pytest.raises(ReadFailed, match="Permission denied"):
        read(server.Lastb)
    assert server.Lastb().requires_command() == "lastb"
