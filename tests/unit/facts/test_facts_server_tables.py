"""Facts about users, mounts, ports and processes: values of recorded output, and readings of this machine."""

from __future__ import annotations

import grp
import os
import pwd
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ropewalk.facts import server
from ropewalk.model.errors import FactProcessError, FactValueError

# -- users ----------------------------------------------------------------------------------------------------

PASSWD = """\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
ann:x:1000:1000:Ann B,,,:/home/ann:/bin/sh
bob:x:1001:100::/:
+::::::
no:x:x:0:::
"""
GROUP = "root:x:0:\ndaemon:x:1:\nsudo:x:27:ann,bob\nusers:x:100:ann\nann:x:1000:ann\n+:::\n"
SHADOW = "root:*:1::::::\nann:$y$abc:1::::::\nbob::1::::::\n"
LASTLOG = """\
Username         Port     From                                       Latest
root             pts/0    192.168.1.1                               Tue Nov 21 17:27:23 +0100 2023
daemon                                                              **Never logged in**
"""


def test_users(process):
    users = process(server.Users, f"{PASSWD}/\n{GROUP}/\n{SHADOW}/\n{LASTLOG}")
    assert list(users) == ["root", "daemon", "ann", "bob"]
    assert users["root"] == {
        "home": "/root", "comment": "root", "shell": "/bin/bash", "group": "root", "groups": [], "uid": 0, "gid": 0,
        "lastlog": "Tue Nov 21 17:27:23 +0100 2023",
        "login_time": datetime(2023, 11, 21, 16, 27, 23, tzinfo=UTC), "password": "*",
    }  # fmt: skip
    assert users["ann"] == {
        "home": "/home/ann", "comment": "Ann B,,,", "shell": "/bin/sh", "group": "ann", "groups": ["sudo", "users"],
        "uid": 1000, "gid": 1000, "lastlog": None, "login_time": None, "password": "$y$abc",
    }  # fmt: skip
    assert users["bob"] == {
        "home": "/", "comment": None, "shell": None, "group": "users", "groups": ["sudo"],
        "uid": 1001, "gid": 100, "lastlog": None, "login_time": None, "password": "",
    }  # fmt: skip


def test_a_password_that_may_not_be_read_is_not_an_empty_one(process):
    users = process(server.Users, f"{PASSWD}/\n{GROUP}/\n/\n")
    assert {user["password"] for user in users.values()} == {None}


def test_a_login_without_a_time_zone(process):
    lastlogin = "bob            ttyv0    10.0.0.1               Tue Nov 21 17:27:23 2023\n"
    users = process(server.Users, f"{PASSWD}/\n{GROUP}/\n/\n{lastlogin}")
    assert users["bob"]["login_time"] == datetime(2023, 11, 21, 17, 27, 23)


def test_a_group_without_a_name_is_its_number(process):
    assert process(server.Users, "x:x:5:77:::\n/\n/\n/\n")["x"]["group"] == "77"


def test_users_of_this_machine(read):
    users = read(server.Users)
    local = [
        line.split(":")[0]
        for line in Path("/etc/passwd").read_text().split("\n")
        if ":" in line and line[0] not in "#+-"
    ]
    assert list(users) == local
    for name, user in users.items():
        entry = pwd.getpwnam(name)
        assert (user["uid"], user["gid"], user["home"]) == (entry.pw_uid, entry.pw_gid, entry.pw_dir or None)
        members = {group.gr_name for group in grp.getgrall() if name in group.gr_mem}
        assert {user["group"], *user["groups"]} == {grp.getgrgid(entry.pw_gid).gr_name, *members}


def test_groups(read, process):
    assert process(server.Groups, "root:x:0:\n\n# c\n+:::\nadm:x:4:a\n") == ["root", "adm"]
    assert "root" in read(server.Groups)


# -- mounts ---------------------------------------------------------------------------------------------------

MOUNTINFO = """\
22 28 0:21 / /proc rw,nosuid,nodev shared:13 - proc proc rw
28 1 253:0 / / ro,relatime shared:1 master:2 - ext4 /dev/mapper/x\\040y rw,errors=remount-ro
40 28 0:30 /sub /mnt/a\\040b\\134c rw,relatime - btrfs /dev/sdb1 rw,space_cache,subvol=/sub
41 28 0:31 / /mnt/n\\012l rw - tmpfs  rw
42 28 0:31 / /mnt/- rw - fuse.sshfs u@h:/x ro,user_id=0
43 28 0:32 / /proc rw - tmpfs hides rw
"""


def test_mounts_of_linux(process):
    assert process(server.Mounts, MOUNTINFO) == {
        "/proc": {"device": "hides", "type": "tmpfs", "options": ["rw"]},
        "/": {"device": "/dev/mapper/x y", "type": "ext4", "options": ["ro", "relatime", "errors=remount-ro"]},
        "/mnt/a b\\c": {
            "device": "/dev/sdb1", "type": "btrfs", "options": ["rw", "relatime", "space_cache", "subvol=/sub"],
        },
        "/mnt/n\nl": {"device": "", "type": "tmpfs", "options": ["rw"]},
        "/mnt/-": {"device": "u@h:/x", "type": "fuse.sshfs", "options": ["rw", "user_id=0"]},
    }  # fmt: skip


@pytest.mark.parametrize("opts", ['"rw,noatime"', '["rw", "noatime"]'])
def test_mounts_of_freebsd(process, opts):
    output = f'{{"mount": {{"fstab": [{{"device":"zroot/a b","mntpoint":"/x y","fstype":"zfs","opts":{opts}}}]}}}}'
    assert process(server.Mounts, output) == {
        "/x y": {"device": "zroot/a b", "type": "zfs", "options": ["rw", "noatime"]}
    }


def test_mounts_of_openbsd_and_macos(process):
    output = (
        "/dev/sd0a (1e5a0f6b6d4c8b1f.a) on / type ffs (rw, local, ctime=Thu Jul  8 10:11:12 2021)\n"
        "/dev/sd0e on /home type ffs (rw, local, nodev)\n"
        "/dev/disk3s1 on /Volumes/a b (apfs, local, journaled)\n"
    )
    assert process(server.Mounts, output) == {
        "/": {"device": "/dev/sd0a", "type": "ffs", "options": ["rw", "local"]},
        "/home": {"device": "/dev/sd0e", "type": "ffs", "options": ["rw", "local", "nodev"]},
        "/Volumes/a b": {"device": "/dev/disk3s1", "type": "apfs", "options": ["local", "journaled"]},
    }


@pytest.mark.parametrize("output", ["22 28 0:21 / /proc rw", "{", "{}", "nonsense"])
def test_mounts_that_make_no_sense(process, output):
    with pytest.raises(FactProcessError):
        process(server.Mounts, output)


def test_mounts_of_this_machine(read):
    assert set(read(server.Mounts)["/"]) == {"device", "type", "options"}


# -- ports ----------------------------------------------------------------------------------------------------

SS = """\
ss
Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
udp   UNCONN 0      0          127.0.0.53%lo:53         0.0.0.0:*    users:(("systemd-resolve",pid=10,fd=13))
tcp   LISTEN 0      128              0.0.0.0:22         0.0.0.0:*
tcp   LISTEN 0      128                 [::]:22            [::]:*    users:(("sshd",pid=696,fd=4),("init",pid=1,fd=4))
tcp   LISTEN 0      128                    *:80               *:*    users:(("nginx: w",pid=7,fd=4))
tcp   LISTEN 0      128                [::1]:631            [::]:*
"""
NETSTAT = """\
netstat
Active Internet connections (only servers)
Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name
tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN      696/sshd: /usr/sbin
tcp6       0      0 :::80                   :::*                    LISTEN      7/nginx
udp        0      0 127.0.0.53:53           0.0.0.0:*                           10/systemd-resolve
tcp        0      0 127.0.0.1:631           0.0.0.0:*               LISTEN      -
"""
SOCKSTAT = """\
sockstat
USER     COMMAND    PID   FD PROTO  LOCAL ADDRESS         FOREIGN ADDRESS
root     sshd       833   3  tcp6   *:22                  *:*
root     syslogd    730   6  udp6   *:514                 *:*
root     syslogd    730   7  dgram  /var/run/log
?        ?          ?     ?  tcp4   10.0.0.1:2049         *:*
"""


def _ports(*rows):
    return [dict(zip(("port", "ip", "protocol", "process"), row, strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("output", "ports"),
    [
        pytest.param(
            SS,
            _ports((53, "127.0.0.53", "udp", "systemd-resolve"), (22, "0.0.0.0", "tcp", ""), (22, "::", "tcp", "sshd"),
                   (80, "*", "tcp", "nginx: w"), (631, "::1", "tcp", "")),
            id="ss",
        ),
        pytest.param(
            NETSTAT,
            _ports((22, "0.0.0.0", "tcp", "sshd"), (80, "::", "tcp", "nginx"),
                   (53, "127.0.0.53", "udp", "systemd-resolve"), (631, "127.0.0.1", "tcp", "")),
            id="netstat",
        ),
        pytest.param(
            SOCKSTAT,
            _ports((22, "*", "tcp6", "sshd"), (514, "*", "udp6", "syslogd"), (2049, "10.0.0.1", "tcp4", "?")),
            id="sockstat",
        ),
    ],
)  # fmt: skip
def test_ports(process, output, ports):
    assert process(server.Ports, output) == ports


@pytest.mark.parametrize(
    ("asked", "output", "value"),
    [
        ("tcp 22", SS, ("sshd", 696)),
        ("tcp 80", SS, ("nginx: w", 7)),
        ("tcp 631", SS, (None, None)),
        ("udp 53", SS, ("systemd-resolve", 10)),
        ("tcp 53", SS, None),
        ("tcp 2", SS, None),
        ("tcp 22", NETSTAT, ("sshd", 696)),
        ("tcp 80", NETSTAT, ("nginx", 7)),
        ("tcp 22", SOCKSTAT, ("sshd", 833)),
        ("udp 514", SOCKSTAT, ("syslogd", 730)),
        ("udp 22", SOCKSTAT, None),
        ("tcp 2049", SOCKSTAT, (None, None)),
    ],
)
def test_port(process, asked, output, value):
    assert process(server.Port, f"{asked}\n{output}") == value


def test_ports_need_a_number_and_a_protocol():
    with pytest.raises(FactValueError, match="protocol"):
        server.Port().command(22, "tcp; id")
    with pytest.raises(ValueError):
        server.Port().command("22; id")


def test_ports_of_an_unknown_program(process):
    with pytest.raises(FactProcessError, match="which program"):
        process(server.Ports, "lsof\n")


def test_ports_of_this_machine(read):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert port in [row["port"] for row in read(server.Ports)]
        found = read(server.Port, port)
        assert found == (None, None) or found[1] == os.getpid()
    assert read(server.Port, port) is None


# -- processes ------------------------------------------------------------------------------------------------

PROCPS = """\
    PID USER                             STAT %CPU %MEM COMMAND         COMMAND
      1 root                             Ss    0.1  0.2 systemd         /sbin/init splash
      2 root                             S     0.0  0.0 kthreadd        [kthreadd]
      5 ann                              Z     0.0  0.0 Web Content     [Web Content] <defunct>
      9 root                             I<    0.0  0.0 kworker/R-rcu_gp_long [kworker/R-rcu_gp_long]
1234567 systemd-timesync                 Ssl  12.5  1.0 systemd-timesyn /lib/systemd/systemd-timesyncd
"""
BUSYBOX = """\
PID   USER     STAT COMMAND          COMMAND
    1 root     S    init             /sbin/init
   22 nobody   SW   kthreadd         [kthreadd]
"""


def test_processes(process):
    found = process(server.Processes, PROCPS)
    assert found[1] == {
        "user": "root", "state": "Ss", "cpu_percent": 0.1, "mem_percent": 0.2, "command": "systemd",
        "args": "/sbin/init splash",
    }  # fmt: skip
    assert {pid: (row["user"], row["command"], row["args"]) for pid, row in found.items() if pid != 1} == {
        2: ("root", "kthreadd", "[kthreadd]"),
        5: ("ann", "Web Content", "[Web Content] <defunct>"),
        9: ("root", "kworker/R-rcu_gp_long", "[kworker/R-rcu_gp_long]"),
        1234567: ("systemd-timesync", "systemd-timesyn", "/lib/systemd/systemd-timesyncd"),
    }


def test_processes_of_busybox(process):
    assert process(server.Processes, BUSYBOX)[1] == {
        "user": "root", "state": "S", "cpu_percent": 0.0, "mem_percent": 0.0, "command": "init", "args": "/sbin/init",
    }  # fmt: skip


def test_a_header_that_is_none(process):
    with pytest.raises(FactProcessError, match="ps"):
        process(server.Processes, "what\n")


def test_processes_of_this_machine(read):
    me = os.getpid()
    assert read(server.Processes)[me]["user"] == pwd.getpwuid(os.geteuid()).pw_name
    only = read(server.Processes, pid=me)
    assert list(only) == [me]
    assert "python" in only[me]["args"]
    assert read(server.Processes, pid=2**22 + 1) == {}
