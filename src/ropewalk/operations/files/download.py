from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import File
from ropewalk.facts.server import Date
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Secret, Steps
from ropewalk.model.errors import OperationError
from ropewalk.operations.files import checksums, obstacles
from ropewalk.operations.files.fetch import Fetch
from ropewalk.operations.files.ownership import Attributes, adjust, differences


@operation()
def download(
    src: str,
    dest: str,
    user: str | None = None,
    group: str | None = None,
    mode: int | str | None = None,
    cache_time: int | None = None,
    force: bool = False,
    sha384sum: str | None = None,
    sha256sum: str | None = None,
    sha1sum: str | None = None,
    md5sum: str | None = None,
    headers: Mapping[str, str | Secret] | None = None,
    insecure: bool = False,
    proxy: str | None = None,
    limit_rate: str | None = None,
    temp_dir: str | os.PathLike[str] | None = None,
    extra_curl_args: Mapping[str, str | None] | None = None,
    extra_wget_args: Mapping[str, str | None] | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Let the host download a file, with curl, or wget where there is no curl.

    The file is downloaded beside its destination, checked, given its owner and mode, and then moved there: what was
    there stays until the new file is known to be right, and nothing is left behind when it is not.

    :param src: the URL.
    :param dest: the file on the host.
    :param user: owner; by default whoever downloads it.
    :param group: as ``user``.
    :param mode: octal digits (``644``, ``"0644"``) or chmod's symbols; by default that of the file that was there.
    :param cache_time: download again when the file is older than this many seconds.
    :param force: download each time.
    :param sha384sum: the hash the content must have, in hexadecimal; a file that has another one is downloaded again.
        Of several hashes all have to match.
    :param sha256sum: as ``sha384sum``.
    :param sha1sum: as ``sha384sum``.
    :param md5sum: as ``sha384sum``.
    :param headers: HTTP headers. A ``Secret`` as value reaches curl or wget on standard input.
    :param insecure: do not check the server's certificate.
    :param proxy: URL of an HTTP proxy, for ``http`` and ``https``.
    :param limit_rate: at most this many bytes a second, as ``"500k"`` or ``"1M"``.
    :param temp_dir: download to this directory instead of that of ``dest``.
    :param extra_curl_args: further options for curl with their values, ``None`` for an option that has none.
    :param extra_wget_args: as ``extra_curl_args``, for wget.
    :raises OperationError: something else than a file is at ``dest``.
    :raises OperationValueError: a header holds a line end.

    ::

        files.download(
            name="Node exporter",
            src="https://example.org/node_exporter",
            dest="/usr/local/bin/node_exporter",
            mode=755,
            sha256sum="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        )
    """
    want = Attributes.of(user, group, mode)
    sums = checksums.given(sha384=sha384sum, sha256=sha256sum, sha1=sha1sum, md5=md5sum)
    host = current_host.get()
    info = host.get_fact(File, path=dest)
    if info is False:
        raise OperationError(f"{dest} is {obstacles.kind(dest)}, not a file", hint="give the path of the file itself")

    reasons = list(_reasons(dest, info, sums, cache_time)) if info else []
    if info and not reasons and not force:
        steps = [*adjust(dest, info, want)]
        yield from steps
        if not steps:
            host.noop(f"{dest} is there")
        return
    yield from reasons
    if info:
        yield from differences(info, want)
    yield Fetch(
        src, headers or {}, insecure, proxy, limit_rate, extra_curl_args or {}, extra_wget_args or {}
    ).to(dest, os.fspath(temp_dir) if temp_dir is not None else None, want, info, sums)  # fmt: skip


def _reasons(
    dest: str, info: Mapping[str, Any], sums: Mapping[str, str], cache_time: int | None
) -> Iterator[Change]:  # fmt: skip
    """Yield why a file that is there has to be downloaded again."""
    host = current_host.get()
    if cache_time and info["mtime"] is not None:
        age = host.get_fact(Date).timestamp() - info["mtime"].replace(tzinfo=UTC).timestamp()
        if age > cache_time:
            yield Change("age", f"{age:.0f} s", f"at most {cache_time} s")
    for algorithm, wanted in sums.items():
        have = host.get_fact(checksums.FACTS[algorithm], path=dest)
        if have != wanted:
            yield Change(algorithm, have, wanted)
