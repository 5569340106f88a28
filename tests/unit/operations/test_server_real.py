"""Server operations carried out for real: on this machine, in namespaces where /etc, /home and the name are copies."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess

import pytest

from ropewalk.api import Secret, Shell, Upload
from ropewalk.api.config import Config
from ropewalk.api.context import current_config, current_host, current_inventory, current_state, use
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.operations import server

NEEDED = ("unshare", "nsenter", "useradd", "usermod", "chpasswd", "hostname")
WHY_NOT = "needs root" if os.geteuid() else next((f"needs {name}" for name in NEEDED if not shutil.which(name)), None)
pytestmark = [pytest.mark.root, pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))]

SETUP = """
mount -t tmpfs none /home
mkdir /home/etc && cp -a /etc/. /home/etc/ && mount --bind /home/etc /etc
umount -l /home && mount -t tmpfs none /home
echo ready && exec sleep infinity
"""
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ada@desk"
HASH = "$6$salt$it-is-not-real/but.looks.like.it"


class Machine:
    """Evaluates operations with the facts as they are, and carries out what they yield."""

    planning, connected = True, True

    def __init__(self):
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--uts", "--propagation", "private", "sh", "-ec", SETUP], stdout=subprocess.PIPE
        )
        assert self.holder.stdout.readline() == b"ready\n"
        inventory = Inventory((["test"], {}))
        self.host = inventory.get_host("test")
        self.host.runner = self
        self.state = State(inventory, Config())
        self.noop_reason = None

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()

    def sh(self, command, data=b"", check=True):
        inside = ["nsenter", "-t", str(self.holder.pid), "--mount", "--uts", "sh", "-c", command]
        done = subprocess.run(inside, input=data, capture_output=True, check=False, cwd="/")
        assert not check or done.returncode == 0, (command, done.stderr.decode())
        return done.stdout.decode()

    def get_fact(self, fact, args, kwargs):
        made = fact()
        command = made.command(*args, **kwargs) if callable(made.command) else made.command
        lines = self.sh(command if isinstance(command, str) else command.render(reveal=True)).splitlines()
        return made.process(lines) if lines else made.default()

    def noop(self, reason):
        self.noop_reason = reason

    def evaluate(self, operation, *args, **kwargs):
        with (
            use(current_host, self.host),
            use(current_state, self.state),
            use(current_config, self.state.config),
            use(current_inventory, self.state.inventory),
        ):
            return list(operation._inner(*args, **kwargs))

    def apply(self, operation, *args, **kwargs):
        """Carry the operation out; a second time there must be nothing to do."""
        steps = self.evaluate(operation, *args, **kwargs)
        for step in steps:
            if isinstance(step, Shell):
                self.sh(step.render(reveal=True))
            elif isinstance(step, Upload):
                self.upload(step)
        assert self.evaluate(operation, *args, **kwargs) == []
        return steps

    def upload(self, step):
        path = shlex.quote(step.dest)
        self.sh(f"cat >{path}", step.source)
        if step.mode:
            self.sh(f"chmod {step.mode} {path}")
        if step.user:
            self.sh(f"chown {step.user}:{step.group or ''} {path}")


@pytest.fixture(scope="module")
def machine():
    made = Machine()
    yield made
    made.close()


def entry(machine, file, name):
    lines = machine.sh(f"cat /etc/{file}").splitlines()
    return next((line.split(":") for line in lines if line.startswith(f"{name}:")), None)


def test_a_user_from_cradle_to_grave(machine):
    machine.apply(server.group, "crew", gid=4711)
    machine.apply(server.group, "crew", gid=4712)
    assert entry(machine, "group", "crew")[2] == "4712"

    machine.apply(
        server.user, "ada", shell="/bin/sh", groups=["crew", "adm"], comment="Ada; $(x) 'L'", password=Secret(HASH),
        public_keys=KEY, uid=4242,
    )  # fmt: skip
    assert entry(machine, "passwd", "ada")[2:] == [
        "4242",
        entry(machine, "passwd", "ada")[3],
        "Ada; $(x) 'L'",
        "/home/ada",
        "/bin/sh",
    ]
    assert entry(machine, "shadow", "ada")[1] == HASH
    listing = machine.sh("stat -c '%U %G %a' /home/ada /home/ada/.ssh /home/ada/.ssh/authorized_keys").split("\n")
    assert listing[:3] == ["ada ada 755", "ada ada 700", "ada ada 600"]
    assert machine.sh("cat /home/ada/.ssh/authorized_keys") == f"{KEY}\n"

    machine.apply(server.user, "ada", groups=["adm"])
    assert machine.sh("id -Gn ada").split() == ["ada", "adm"]
    machine.apply(server.user, "ada", groups=["crew"], append=True, comment="Ada", home="/home/other", uid=4243)
    assert machine.sh("id -Gn ada").split() == ["ada", "adm", "crew"]
    assert machine.sh("stat -c %u /home/other") == "4243\n"
    machine.apply(server.user_authorized_keys, "ada", [KEY, KEY.replace("AAAAC", "AAAAD")])
    machine.apply(server.user_authorized_keys, "ada", KEY, delete_keys=True)
    assert machine.sh("cat /home/other/.ssh/authorized_keys") == f"{KEY}\n"

    machine.apply(server.user, "ada", present=False)
    machine.apply(server.group, "crew", present=False)
    assert entry(machine, "passwd", "ada") is entry(machine, "group", "crew") is None


def test_users_of_other_kinds(machine):
    machine.apply(server.user, "skel", create_home=True, shell="/bin/bash")
    assert machine.sh("ls -A /home/skel")
    machine.apply(server.user, "daemon2", system=True, ensure_home=False)
    assert int(entry(machine, "passwd", "daemon2")[2]) < 1000
    machine.apply(server.user, "twin", uid=int(entry(machine, "passwd", "skel")[2]), unique=False)
    machine.apply(server.user, "homeless", home="/usr/sbin")
    assert machine.sh("stat -c %U /usr/sbin") == "root\n"


def test_a_command_never_shows_the_password(machine):
    """The process list is read by the program that chpasswd is replaced with."""
    machine.sh(
        "mkdir /home/bin && printf '#!/bin/sh\\nps -eo args >/home/seen; cat >/home/read\\n' >/home/bin/chpasswd"
    )
    machine.sh("chmod +x /home/bin/chpasswd")
    *_, command = machine.evaluate(server.user, "root", password=Secret(HASH), ensure_home=False)
    script = f"PATH=/home/bin:$PATH\n{command.render(reveal=True)}\n"
    # The way a session hands over a command that holds a secret: through a descriptor, to be evaluated.
    machine.sh("sh -c 'eval \"$(cat)\"'", script.encode())
    assert machine.sh("cat /home/read") == f"root:{HASH}\n"
    assert HASH not in machine.sh("cat /home/seen")


def test_the_name_of_the_host(machine):
    machine.apply(server.hostname, "web-1.example.net")
    assert machine.sh("hostname; cat /etc/hostname") == "web-1.example.net\nweb-1.example.net\n"


def test_settings(machine):
    machine.sh("cp /etc/hosts /etc/hosts.before")
    machine.apply(server.etc_hosts, "10.1.2.3", ["db.internal", "db"])
    assert "10.1.2.3 db.internal db\n" in machine.sh("cat /etc/hosts")
    machine.apply(server.etc_hosts, "10.1.2.3", present=False)
    machine.sh("cmp /etc/hosts /etc/hosts.before")
    machine.sh("mkdir -p /etc/security; touch /etc/security/limits.conf")
    machine.apply(server.security_limit, "@crew", "-", "nofile", 65536)
    machine.apply(server.security_limit, "@crew", "-", "nofile", 1024)
    assert machine.sh("grep crew /etc/security/limits.conf") == "@crew\t-\tnofile\t1024\n"


def test_a_mount(machine):
    machine.sh("mkdir '/home/a mount'")
    machine.apply(server.mount, "/home/a mount", device="none", fs_type="tmpfs", options=["noexec", "size=1024k"])
    machine.apply(server.mount, "/home/a mount", options=["ro", "nosuid"])
    assert "ro" in machine.sh("findmnt -no OPTIONS '/home/a mount'").split(",")
    machine.sh("ln -s 'a mount' /home/-link")
    assert machine.evaluate(server.mount, "/home/-link", device="none", fs_type="tmpfs") == []
    machine.apply(server.mount, "/home/-link", mounted=False)
    assert machine.sh("findmnt '/home/a mount' || :") == ""
    machine.apply(server.mount, "/home/-link", device="none", fs_type="tmpfs")
    machine.apply(server.mount, "/home/a mount", mounted=False)


@pytest.mark.skipif(not os.path.exists("/usr/share/zoneinfo/Europe/Paris"), reason="needs tzdata")
def test_the_time_zone(machine):
    machine.apply(server.timezone, "Europe/Paris")
    assert machine.sh("readlink /etc/localtime; cat /etc/timezone").split("\n")[:2] == [
        "/usr/share/zoneinfo/Europe/Paris",
        "Europe/Paris",
    ]
