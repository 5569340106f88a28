"""Reads values as ``docker run`` takes them: names of images, ports, volumes, mounts, amounts of memory, variables."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable

from ropewalk.model.errors import OperationValueError

# docker run --publish: [address:][port:]port[/protocol]; ports may be ranges, an IPv6 address is in brackets.
_PORT = re.compile(
    r"(?:(?P<ip>\[[^\]]*\]|[^:\[\]]*):)?(?:(?P<host>\d*(?:-\d+)?):)?(?P<port>\d+(?:-\d+)?)(?:/(?P<protocol>\w+))?"
)
_MEMORY = re.compile(r"(\d+(?:\.\d+)?) ?([kmgtp])?i?b?", re.IGNORECASE)


def image_name(image: str) -> str:
    """Return the name of an image with the tag that it has without one.

    >>> image_name("registry:5000/app"), image_name("app:1"), image_name("app@sha256:0")
    ('registry:5000/app:latest', 'app:1', 'app@sha256:0')
    """
    has_tag = "@" in image or ":" in image.rpartition("/")[2]
    name = re.sub(r"^(?:docker\.io/)?(?:library/)?", "", image)
    return name if has_tag or image.startswith("sha256:") else f"{name}:latest"


def bindings(published: str) -> set[tuple[str, str, str]]:
    """Return what a port is bound to: port and protocol in the container, address and port on the host.

    :raises OperationValueError: it is not a port.

    >>> sorted(bindings("127.0.0.1:8080-8081:80-81"))
    [('80/tcp', '127.0.0.1', '8080'), ('81/tcp', '127.0.0.1', '8081')]
    """
    found = _PORT.fullmatch(published)
    if not found:
        raise OperationValueError(f"{published!r} is not a port", hint='they look like "8080:80"')
    ip, host = found["ip"] or "", found["host"] or ""
    if found["host"] is None and re.fullmatch(r"\d+(?:-\d+)?", ip):  # one colon: a port of the host, not an address
        ip, host = "", ip
    inner, outer = _range(found["port"]), _range(host) if host else []
    protocol = (found["protocol"] or "tcp").lower()
    if not outer:
        pairs = [(port, "") for port in inner]
    elif len(outer) == len(inner):
        pairs = list(zip(inner, outer, strict=True))
    elif len(inner) == 1:  # any of these ports on the host
        pairs = [(inner[0], host)]
    else:
        raise OperationValueError(f"{published!r} has ranges of different lengths")
    return {(f"{port}/{protocol}", ip.strip("[]"), other) for port, other in pairs}


def volume(entry: str) -> tuple[str, str, tuple[str, ...]]:
    """Return source, path in the container, and options of a volume; the source of one without a name is empty.

    >>> volume("data:/data:ro,z"), volume("/data")
    (('data', '/data', ('ro', 'z')), ('', '/data', ()))
    """
    source, colon, rest = entry.partition(":")
    if not colon:
        return "", _path(source), ()
    path, _, options = rest.partition(":")
    return _path(source), _path(path), tuple(sorted(set(options.split(",")) - {"", "rw"}))


def mount(entry: str) -> tuple[str, str, str, bool]:
    """Return kind, source, path in the container, and whether it is read-only, of a mount.

    :raises OperationValueError: it is no list of ``name=value`` with a target.

    >>> mount("type=bind,src=/a,dst=/b,ro")
    ('bind', '/a', '/b', True)
    """
    [fields] = csv.reader([entry])
    given = {name.strip().lower(): value for name, _, value in (field.partition("=") for field in fields)}
    target = given.get("target") or given.get("dst") or given.get("destination")
    if not target:
        raise OperationValueError(f"{entry!r} is not a mount", hint='they look like "type=bind,source=/a,target=/b"')
    read_only = given.get("readonly", given.get("ro"))
    return (
        given.get("type", "volume"),
        given.get("source") or given.get("src") or "",
        target,
        read_only is not None and read_only.lower() in ("", "1", "t", "true"),
    )


def bytes_of(memory: str) -> int:
    """Return an amount of memory as a number of bytes.

    :raises OperationValueError: it is none.

    >>> bytes_of("512m"), bytes_of("1.5g")
    (536870912, 1610612736)
    """
    found = _MEMORY.fullmatch(str(memory))
    if not found:
        raise OperationValueError(f"{memory!r} is not an amount of memory", hint='they look like "512m"')
    return int(float(found[1]) * 1024 ** (" kmgtp".index((found[2] or " ").lower())))


def network_name(network: str) -> str:
    """Return the name of a network that is given with options, ``name=app,alias=web``, or without.

    >>> network_name("name=app,alias=web"), network_name("default")
    ('app', 'bridge')
    """
    options = dict(field.partition("=")[::2] for field in network.split(","))
    name = options.get("name") or network
    return "bridge" if name == "default" else name


def stands_alone(network: str) -> bool:
    """Say whether this is no network that can be joined or left: another one needs another container.

    >>> stands_alone("host"), stands_alone("container:db"), stands_alone("hosting")
    (True, True, False)
    """
    return network in ("host", "none") or network.startswith("container:")


def restart(policy: str) -> tuple[str, int]:
    """Return a restart policy and how often it tries.

    >>> restart("on-failure:3"), restart("always")
    (('on-failure', 3), ('always', 0))
    """
    name, _, count = policy.partition(":")
    return name, int(count) if name == "on-failure" and count.isdigit() else 0


def variables(lines: Iterable[str]) -> dict[str, str | None]:
    """Read a file of environment variables (docker run, ``--env-file``); values are taken as they stand.

    >>> variables(["# no", "A=b c", "D"])
    {'A': 'b c', 'D': None}
    """
    found: dict[str, str | None] = {}
    for line in lines:
        text = line.lstrip()
        if text and not text.startswith("#"):
            name, equals, value = text.partition("=")
            found[name] = value if equals else None
    return found


def _range(text: str) -> list[str]:
    first, _, last = text.partition("-")
    return [str(port) for port in range(int(first), int(last or first) + 1)]


def _path(path: str) -> str:
    return path.rstrip("/") or path
