"""Reads facts of a host with ropewalk and with pyinfra v3, and says which differ.

::

    python tools/compare_facts.py --pyinfra PROGRAM INVENTORY [FACT ...]

``PROGRAM`` is pyinfra 3.10, installed somewhere else; ``INVENTORY`` is one host, such as ``@local``; ``FACT``
is ``server.Users`` and the like (all that v3 has, unless some are named). The exit status is 1 if a value differs, and
nothing here says why it should; ``docs/differences-from-pyinfra.md`` explains what is named in ``EXPLAINED``.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

SURFACE = Path(__file__).parents[1] / "tests" / "unit" / "surface" / "facts.txt"

#: Arguments for facts that need some; several sets of them for facts that tell several things apart.
ARGUMENTS: dict[str, list[str]] = {
    "apt.SimulateOperationWillChange": ["command=install hello"],
    "deb.DebPackage": ["package=dpkg", "package=no-such-package"],
    "docker.DockerContainer": ["object_id=none"],
    "docker.DockerContainerFsChanges": ["container_id=none"],
    "docker.DockerContainerProcesses": ["container_id=none"],
    "docker.DockerImage": ["object_id=none"],
    "docker.DockerImageHistory": ["image_id=none"],
    "docker.DockerNetwork": ["object_id=none"],
    "docker.DockerPlugin": ["object_id=none"],
    "docker.DockerVolume": ["object_id=none"],
    "files.Block": ["path=/etc/hosts", "path=/no/such/file"],
    "files.Directory": ["path=/etc", "path=/etc/hosts", "path=/no/such/directory"],
    "files.File": ["path=/etc/passwd", "path=/etc", "path=/no/such/file", "path=/usr/bin/passwd"],
    "files.FileContents": ["path=/etc/passwd", "path=/no/such/file"],
    "files.FindDirectories": ["path=/etc/apt"],
    "files.FindFiles": ["path=/etc/apt", "path=/etc fname=*.conf maxdepth=1"],
    "files.FindInFile": ["path=/etc/passwd pattern=^root", "path=/etc/passwd pattern=^nobody-else"],
    "files.FindLinks": ["path=/etc/alternatives"],
    "files.Flags": ["path=/etc/passwd"],
    "files.Link": ["path=/etc/mtab", "path=/etc/passwd", "path=/no/such/link"],
    "files.Md5File": ["path=/etc/passwd", "path=/no/such/file"],
    "files.Sha1File": ["path=/etc/passwd", "path=/no/such/file"],
    "files.Sha256File": ["path=/etc/passwd", "path=/no/such/file"],
    "files.Sha384File": ["path=/etc/passwd", "path=/no/such/file"],
    "files.Socket": ["path=/run/dbus/system_bus_socket", "path=/etc/passwd"],
    "flatpak.FlatpakPackage": ["package=org.example.None"],
    "freebsd.PkgPackage": ["package=none"],
    "freebsd.ServiceScript": ["srvname=none"],
    "freebsd.ServiceStatus": ["srvname=none"],
    "freebsd.Sysrc": ["parameter=none"],
    "git.GitBranch": ["repo=/no/such/repo"],
    "git.GitLocalCommit": ["repo=/no/such/repo"],
    "git.GitRemoteBranchCommit": ["repo=/no/such/repo branch=main"],
    "git.GitTag": ["repo=/no/such/repo"],
    "git.GitTrackingBranch": ["repo=/no/such/repo"],
    "gpg.GpgKey": ["src=/usr/share/keyrings/debian-archive-bookworm-stable.gpg"],
    "gpg.GpgKeyrings": ['directories=["/usr/share/keyrings"]'],
    "mysql.MysqlUserGrants": ["user=root"],
    "pacman.PacmanUnpackGroup": ["package=none"],
    "rpm.RpmPackage": ["package=none"],
    "rpm.RpmPackageProvides": ["package=none"],
    "selinux.FileContext": ["path=/etc"],
    "selinux.FileContextMapping": ["target=/etc"],
    "selinux.SEBoolean": ["boolean=none"],
    "selinux.SEPort": ["protocol=tcp port=22"],
    "server.AuthorizedKeys": ["user=root"],
    "server.Command": ["command=echo hi; echo there"],
    "server.Home": ["", "user=root", "user=nobody"],
    "server.Port": ["port=22", "port=1"],
    "server.Which": ["command=sh", "command=no-such-program"],
    "snap.SnapPackage": ["package=none"],
    "systemd.SystemdEnabled": ["", "services=cron.service"],
    "systemd.SystemdStatus": ["", "services=cron.service"],
}
#: Facts whose value is another one a moment later: only its shape is compared.
MOVING = re.compile(
    r"server\.(Date|Uptime|LoadAverage|Processes|KernelModules|Sysctl)|hardware\.BlockDevices"
    r"|(docker\.Docker|podman\.Podman)SystemInfo|docker\.DockerImageHistory"
)
#: Differences that are meant. What cannot be read is another: an error here, the default value in pyinfra.
EXPLAINED = {
    "apt.AptKeys": "all fingerprints and hashes of user IDs are there",
    "apt.AptSources": "lines with a comment behind them are read",
    "gem.GemPackages": "gems that come with Ruby are there",
    "git.GitBranch": "a branch is shown, not an annotated tag at the same commit",
    "gpg.GpgKey": "all fingerprints and hashes of user IDs are there",
    "hardware.CpuInfo": "values are whole that have a colon in them",
    "iptables.Ip6tablesRules": "values are without the quotes that iptables-save writes around them",
    "iptables.IptablesRules": "values are without the quotes that iptables-save writes around them",
    "mysql.MysqlUserGrants": "privileges on columns, and those of users who need TLS, are there",
    "npm.NpmPackages": "packages of a scope are there",
    "pip.Pip3Packages": "packages that are installed from where they are edited are there",
    "pip.PipPackages": "packages that are installed from where they are edited are there",
    "postgres.PostgresDatabases": "the name of the tablespace is there",
    "postgresql.PostgresqlDatabases": "the name of the tablespace is there",
    "server.Lastb": "the host of a login without a terminal is the host, not the terminal",
    "server.Ports": "ports are there whose process is not known",
    "server.User": "asked of id(1); pyinfra shows $USER, which need not be set",
    "server.Timezone": "the name of the zone, where pyinfra has the path of /etc/localtime",
    "sysvinit.InitdStatus": "scripts with a dot in their names are there",
}


#: Stands where a program has shown no value at all, perhaps because it did not reach the host.
MISSING = object()


class Failed(str):
    """Why ropewalk could not read a fact."""


def facts() -> Iterator[str]:
    """Yield the names of v3's facts, without second names and without what facts are made of."""
    for line in SURFACE.read_text(encoding="utf-8").splitlines():
        name = line.partition("(")[0]
        if not re.search(r"(Base|BaseFact|Mixin)$|^zfs\.(?!Zfs)|^server\.Crontab$", name):
            yield name


def read(program: list[str], words: list[str]) -> dict[str, Any]:
    """Return the values that a program shows for facts: name with arguments -> value."""
    done = subprocess.run([*program, *words, "--json"], capture_output=True, text=True, timeout=600)
    try:
        document = json.loads(done.stdout)
    except ValueError:
        sys.exit(f"{program[0]} wrote no JSON: {done.stderr[-2000:]}")
    failures = document.get("fact_failures") or {}
    found_facts = document.get("facts", document)
    if found_facts is None:
        sys.exit(f"{program[0]} read nothing: {document['error']}")
    values = {label(name): next(iter(found.values()), MISSING) for name, found in found_facts.items()}
    for name, found in failures.items():
        values[label(name)] = Failed(next(iter(found.values()))["message"])
    return values


def label(name: str) -> str:
    """Return a fact's name with its arguments in one order."""
    fact, _, arguments = name.partition(" (")
    return f"{fact} ({', '.join(sorted(arguments.removesuffix(')').split(', ')))})" if arguments else fact


def wanted(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield the words that ask for each fact, once for each set of arguments."""
    for name in names:
        for arguments in ARGUMENTS.get(name, [""]):
            yield [name, *(word for word in re.split(r" (?=\w+=)", arguments) if word)]


def shape(value: Any) -> Any:
    """Return what kinds of values a value is made of."""
    if isinstance(value, dict):
        kinds = {json.dumps(shape(inner), sort_keys=True) for inner in value.values()}
        return {"dict": sorted(kinds)[:1] if len(value) > 20 else sorted(kinds)}
    if isinstance(value, list):
        return {"list": sorted({json.dumps(shape(inner), sort_keys=True) for inner in value})}
    return type(value).__name__


def settled(value: Any) -> Any:
    """Return a value without what reading it changes: access times, sessions of who logs in to read."""
    if isinstance(value, list):
        return [settled(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    moving = re.compile(r"atime|session-.*\.scope|run-u\d+\.\w+")
    return {key: settled(inner) for key, inner in value.items() if not moving.fullmatch(key)}


def text(value: Any) -> str:
    """Return a value as JSON, in which 1 and true differ."""
    return json.dumps(value, sort_keys=True)


def first_differences(ours: Any, theirs: Any, place: str = "") -> Iterator[str]:
    """Yield where two values differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            if key not in ours or key not in theirs:
                yield f"{place}[{key!r}] only in {'pyinfra' if key in theirs else 'ropewalk'}: {(ours | theirs)[key]!r}"
            else:
                yield from first_differences(ours[key], theirs[key], f"{place}[{key!r}]")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from first_differences(mine, other, f"{place}[{index}]")
    elif ours != theirs or type(ours) is not type(theirs):
        yield f"{place} ropewalk: {str(ours)[:300]!r}  pyinfra: {str(theirs)[:300]!r}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the facts of ropewalk and pyinfra v3 on one host.")
    parser.add_argument("--ropewalk", default="ropewalk", help="the program of ropewalk")
    parser.add_argument("--pyinfra", required=True, help="the program of pyinfra 3.10")
    parser.add_argument("--data", action="append", default=[], help="host data for both, KEY=VALUE")
    parser.add_argument("inventory")
    parser.add_argument("facts", nargs="*")
    given = parser.parse_args()
    words = list(wanted(given.facts or facts()))
    data = [word for item in given.data for word in ("--data", item)]
    asked = [word for one in words for word in one]
    ours = read([given.ropewalk], [*data, given.inventory, "fact", *asked])
    theirs = read([given.pyinfra], [*data, given.inventory, "fact", *asked])
    same, explained, different = 0, 0, 0
    for name in sorted({*ours, *theirs}):
        mine, other = ours.get(name, MISSING), theirs.get(name, MISSING)
        unread = [who for who, got in (("ropewalk", mine), ("pyinfra", other)) if got is MISSING]
        if unread:
            different += 1
            print(f"{name}: not read by {' and '.join(unread)}")
        elif text(settled(mine)) == text(settled(other)) or (MOVING.match(name) and shape(mine) == shape(other)):
            same += 1
        elif why := explanation(name, mine, other):
            explained += 1
            print(f"{name}: {why}")
        else:
            different += 1
            print(f"{name}: DIFFERS", *list(first_differences(mine, other))[:6], sep="\n    ")
    print(f"{same} are the same, {explained} differ as explained, {different} differ")
    return 1 if different else 0


def explanation(name: str, ours: Any, theirs: Any) -> str | None:
    """Return why two values may differ."""
    if isinstance(ours, Failed) and not theirs:
        return f"is an error, where pyinfra has {theirs!r}: {ours}"
    return EXPLAINED.get(name.split(" ")[0])


if __name__ == "__main__":
    sys.exit(main())
