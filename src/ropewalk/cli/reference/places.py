"""Where examples are tried: hosts that are made up, and files that stand for those of a deploy's author."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from ropewalk.testing.worlds import AllKeys, World

#: Directories that are there before anybody has set up anything.
_USUAL = frozenset({
    "/etc", "/home", "/opt", "/root", "/srv", "/usr/bin", "/usr/local/bin", "/usr/share", "/usr/share/keyrings",
    "/var/lib", "/var/log", "/run/systemd/system", "/var/service", "/etc/service", "/etc/sv/app",
})  # fmt: skip
#: Facts that tell whether a service has been started, or starts with the host.
_SERVICES = ("InitScript", "LaunchdStatus", "OpenrcEnabled", "OpenrcService", "RcdScript", "SystemdEnabled",
             "SystemdStatus", "UpstartStatus")  # fmt: skip
#: The public key of nobody.
_SSH_KEY = f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{'A' * 43}"
#: What examples read on the machine of their authors.
_LOCAL_FILES = {
    "app-1.0.tar.gz": "archive",
    "files/motd": "Welcome\n",
    "keys/ada.pub": f"{_SSH_KEY} ada\n",
    "scripts/disks.sh": "#!/bin/sh\nmkfs.ext4 /dev/sdb\n",
    "site/css/site.css": "body { margin: 0 }\n",
    "site/index.html": "<h1>Hello</h1>\n",
    "templates/join.sh.j2": "#!/bin/sh\njoin {{ cluster }}\n",
    "templates/site.conf.j2": "server_name {{ server_name }};\n",
}


class _Bench(World):
    """A host that is made up, for the files above."""

    def blocking(self, function: Callable[[], Any], *, reads: bool = False) -> Any:
        return function()


def _service_facts(runs: bool) -> dict[str, Any]:
    return {
        **dict.fromkeys(_SERVICES, AllKeys(runs)),
        "RcdEnabled": runs,
        "ServiceStatus": "1234" if runs else None,
        "InitLinks": {"S05": ""} if runs else {},
        "OpenvzContainers": {101: {"status": "running" if runs else "stopped", "hostname": "mail"}},
    }


def _without(*, directories: Set[str] = frozenset(), files: Set[str] = frozenset(), **facts: Any) -> World:
    return _Bench(None, directories=_USUAL.union(directories), files=frozenset(files), facts=facts)


def _only(*programs: str) -> Callable[..., str | None]:
    return lambda command: f"/usr/bin/{command}" if command in programs else None


#: Where every example is tried, in this order, until it runs something.
_EVERYWHERE = {
    "Where it is still to be done": _without(),
    "On a host that has it": _Bench("files", facts=_service_facts(True)),
    "On a host that has it, where it does not run": _Bench("files", facts=_service_facts(False)),
}
#: Another, as little as a program takes for one (RFC 9580, packet type 6).
_KEY = bytes.fromhex("9807045f00000001") + b"\0"
#: Where else some examples are tried, and first.
_SOMEWHERE: Mapping[str, dict[str, World]] = {
    "docker.logout": {
        "On a host that is logged in": _without(DockerAuths=["registry.example.org:5000"]),
    },
    "files.copy": {
        "On a host without the copy": _without(directories={"/etc/app"}, files={"/usr/share/doc/app/app.conf"}),
    },
    "files.flags": {"On FreeBSD, where the file has no flags": _without(Flags=[])},
    "files.get": {"On a host that has it": _without(files={"/etc/os-release"})},
    "files.replace": {"On a host where it says something else": _without()},
    "files.move": {
        "On a host where it has not been moved": _without(
            directories={"/srv/app/releases", "/srv/app/incoming/release-42"}
        ),
    },
    "files.unarchive": {"On a host without it": _without(directories={"/opt/app"})},
    "git.worktree": {"On a host that has the repository alone": _without(files={"/srv/app/HEAD"})},
    "gpg.key": {"On a host without it": _without(OfferedKeyFile=_KEY)},
    "server.locale": {
        "On a host without it": _without(FileContents=["# en_US.UTF-8 UTF-8", "# pt_BR.UTF-8 UTF-8"]),
    },
    "server.packages": {"On Debian without it": _without(Which=_only("apt", "apt-get"))},
    "server.service": {
        "On a host with systemd, where it does not run": _without(
            Which=_only("systemctl"), **_service_facts(False)
        ),
    },
    "server.user_authorized_keys": {
        "On a host where nobody has a key": _without(
            Home="/home/deploy", Accounts={"deploy": {"uid": 1000, "gid": 1000, "group": "deploy"}}
        ),
    },
    "ssh.keyscan": {
        "On a host without it": _without(OfferedHostKeys=[f"mirror.example.org {_SSH_KEY}"]),
    },
    "vzctl.unmount": {
        "On a host where it is mounted": _without(OpenvzContainers={101: {"status": "mounted"}}),
    },
}  # fmt: skip


def places(operation: str) -> dict[str, World]:
    """Return the hosts that an operation's example is tried on, by how they are called; in order."""
    first = _SOMEWHERE.get(operation, {})
    return {**first, **{where: world for where, world in _EVERYWHERE.items() if where not in first}}


@contextlib.contextmanager
def local_files() -> Iterator[str]:
    """Make the files that examples read; yield the directory they are in, which is removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in _LOCAL_FILES.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o644)
        yield folder
