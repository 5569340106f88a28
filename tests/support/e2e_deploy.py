"""The deploy in ``bench/deploy``: what a host is like when it has been applied, found out without ropewalk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import jinja2

DIRECTORY = Path(__file__).parents[2] / "bench" / "deploy"

#: The operations that do something every time.
ALWAYS = ("shell 1", "shell 2")
OPERATIONS = 25

#: Python for the host: prints what is there, as JSON. The words after it are paths.
_PROBE = """
import grp, hashlib, json, os, pwd, stat, sys
paths = {}
for path in sys.argv[1:]:
    s = os.lstat(path)
    link = os.readlink(path) if stat.S_ISLNK(s.st_mode) else None
    data = open(path, "rb").read() if stat.S_ISREG(s.st_mode) else b""
    paths[path] = [stat.filemode(s.st_mode), pwd.getpwuid(s.st_uid).pw_name, grp.getgrgid(s.st_gid).gr_name,
                   link or hashlib.sha256(data).hexdigest()]
users = {u.pw_name: [grp.getgrgid(u.pw_gid).gr_name, u.pw_dir, u.pw_shell] for u in pwd.getpwall()}
print(json.dumps({"paths": paths, "users": users, "groups": [g.gr_name for g in grp.getgrall()],
                  "environment": open("/etc/environment").read(), "conf": sorted(os.listdir("/opt/app/conf"))}))
"""
_NOTHING = hashlib.sha256(b"").hexdigest()


def probe() -> list[str]:
    """Return the command that tells, on a host, what :func:`check` wants to know."""
    return ["python3", "-c", _PROBE, *_expected()]


def check(printed: str) -> None:
    """Compare what the command printed with what the deploy is to come to.

    :raises AssertionError: it is something else.
    """
    found = json.loads(printed)
    expected = _expected()
    stamp = found["paths"].pop("/opt/app/data/stamp")
    assert stamp[:3] == ["-rw-r--r--", "root", "root"]
    assert stamp[3] != _NOTHING
    assert found["paths"] == {path: list(is_) for path, is_ in expected.items() if path != "/opt/app/data/stamp"}
    for user in ("appuser", "appsvc"):
        assert found["users"][user] == ["appgrp", f"/home/{user}", "/bin/bash"]
    assert found["groups"].count("appgrp") == 1
    assert [line for line in found["environment"].splitlines() if line] == [
        f"APP_VAR{number}=value{number}" for number in (1, 2, 3)
    ]
    assert found["conf"] == [*(f"f{number}.conf" for number in range(1, 7)), *(f"t{n}.conf" for n in range(1, 5))]


def _expected() -> dict[str, tuple[str, ...]]:
    """Return mode, owner, group and content (a hash, or where a link leads) by path."""
    paths: dict[str, tuple[str, ...]] = {}
    for directory in ("/opt/app", "/opt/app/conf", "/opt/app/data"):
        paths[directory] = ("drwxr-xr-x", "root", "root", _NOTHING)
    for number in range(1, 7):
        paths[f"/opt/app/conf/f{number}.conf"] = _file((DIRECTORY / f"files/f{number}.conf").read_bytes())
    for number in range(1, 5):
        paths[f"/opt/app/conf/t{number}.conf"] = _file(_rendered(number))
    paths["/etc/sysctl.d/90-app.conf"] = _file((DIRECTORY / "files/sysctl.conf").read_bytes())
    paths["/opt/app/current"] = ("lrwxrwxrwx", "root", "root", "/opt/app/data")
    paths["/etc/app"] = ("lrwxrwxrwx", "root", "root", "/opt/app/conf")
    paths["/opt/app/data/init"] = _file(b"")
    paths["/opt/app/data/stamp"] = _file(b"")
    for user in ("appuser", "appsvc"):
        paths[f"/home/{user}"] = ("drwxr-xr-x", user, "appgrp", _NOTHING)
    return paths


def _rendered(number: int) -> bytes:
    environment = jinja2.Environment(keep_trailing_newline=True)
    template = environment.from_string((DIRECTORY / f"templates/t{number}.j2").read_text())
    return template.render(count=10, value="v", tname=f"t{number}").encode()


def _file(content: bytes) -> tuple[str, ...]:
    return ("-rw-r--r--", "root", "root", hashlib.sha256(content).hexdigest())


def predicted(document: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return what a plan says, by name of the operation and host."""
    return {
        operation["name"]: {host: entry["prediction"] for host, entry in operation["hosts"].items()}
        for operation in document["plan"]
    }


def outcomes(document: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return how the operations of a run ended, by name of the operation and host."""
    return {
        operation["name"]: {host: entry["outcome"] for host, entry in operation["hosts"].items()}
        for operation in document["operations"]
    }
