"""Files of repositories for dnf, yum and zypper."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ropewalk.api.context import current_host
from ropewalk.facts.files import FileContents
from ropewalk.model.command import Diff, Steps, Upload, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.files.download import download
from ropewalk.operations.packaging.names import is_url

# What a section may be called, see dnf.conf(5).
_ID = re.compile(r"[A-Za-z0-9_.:-]+")
_SOURCE = re.compile(r"[a-z][a-z0-9+.-]*://\S+|/\S+", re.IGNORECASE)


def rpm_repository(
    src: str,
    present: bool,
    *,
    directory: str,
    baseurl: str | None,
    description: str | None,
    enabled: bool,
    gpgcheck: bool,
    gpgkey: str | None,
    kind: str | None = None,
) -> Steps:
    """Yield what adds or removes the file of a repository.

    :param src: the id of the repository, or the URL of a ``.repo`` file.
    :param directory: where the file is.
    :param kind: what ``type`` says in the file.
    :raises OperationValueError: an id or value that would spoil the file.
    """
    if is_url(src):
        path = f"{directory}/{_file_of(src)}"
        if present:
            yield from download._inner(src=src, dest=path)
            return
    else:
        path = f"{directory}/{_checked_id(src)}.repo"
    lines = _read(path)
    if not present:
        yield from _remove(path, lines)
        return
    if not baseurl:
        raise OperationValueError(f"the repository {src} needs `baseurl`", hint="or give the URL of a .repo file")
    wanted = {"name": description or src, "baseurl": baseurl, "enabled": str(int(enabled)),
              "gpgcheck": str(int(gpgcheck)), "type": kind, "gpgkey": _checked_keys(gpgkey)}  # fmt: skip
    text = f"[{src}]\n" + "".join(f"{key}={_line(key, value)}\n" for key, value in wanted.items() if value)
    before = None if lines is None else "".join(f"{line}\n" for line in lines)
    if before == text:
        current_host.get().noop(f"the repository {src} is in {path}")
        return
    yield Diff(path, before, text)
    if before is None:
        yield sh("mkdir", "-p", directory)
    yield Upload(text.encode(), path, mode="644")


def _read(path: str) -> list[str] | None:
    return current_host.get().get_fact(FileContents, path=path)


def _remove(path: str, lines: list[str] | None) -> Steps:
    if lines is None:
        current_host.get().noop(f"{path} does not exist")
        return
    yield Diff(path, "".join(f"{line}\n" for line in lines), None)
    yield sh("rm", "-f", path)


def _file_of(url: str) -> str:
    name = urlsplit(url).path.rpartition("/")[2]
    if not name.removesuffix(".repo"):
        raise OperationValueError(f"{url} names no file")
    return f"{_checked_id(name.removesuffix('.repo'))}.repo"


def _checked_id(name: str) -> str:
    if not _ID.fullmatch(name) or name.startswith((".", "-")):
        raise OperationValueError(f"{name!r} cannot be the id of a repository",
                                  hint="use letters, digits and - _ . : only")  # fmt: skip
    return name


def _checked_keys(gpgkey: str | None) -> str | None:
    """Return keys as they were given: URLs or absolute paths, with spaces or line ends between them."""
    for key in (gpgkey or "").split():
        if not _SOURCE.fullmatch(key):
            raise OperationValueError(f"gpgkey is a URL or an absolute path, not {key!r}")
    return " ".join((gpgkey or "").split()) or None


def _line(key: str, value: str) -> str:
    if re.search(r"[\x00-\x1f]", value):
        raise OperationValueError(f"{key} cannot have more than one line: {value!r}")
    return value
