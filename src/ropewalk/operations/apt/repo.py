"""apt.repo: a repository, as one line of a .list file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.host import Host
from ropewalk.api.operation import operation
from ropewalk.facts.apt import AptSources
from ropewalk.facts.apt_state import AptSourceFiles
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Diff, Steps, Upload, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.apt.sources import DIRECTORY, MAIN_FILE, Source, file_path, from_fact, parse_line, without


@operation()
def repo(src: str, present: bool = True, filename: str | None = None, **_: Unpack[GlobalArguments]) -> Steps:
    """Add or remove a repository in the one-line form of sources.list(5).

    A repository counts as present when any file configures it, in either form. The package lists are not updated.

    :param src: ``deb [option=value ...] URL SUITE COMPONENT...`` or ``deb-src ...``.
    :param present: ``False`` removes it.
    :param filename: the file in ``/etc/apt/sources.list.d``, with or without ``.list``. Without it, the repository
        is added to ``/etc/apt/sources.list`` and removed from all one-line files.
    :raises OperationValueError: apt would not understand the line, or would ignore the file.
    :raises OperationError: a repository to remove is configured in a ``.sources`` file, see ``apt.sources_file``.

    ::

        apt.repo(
            name="Add the Example repository",
            src="deb [signed-by=/etc/apt/keyrings/example.gpg] https://example.org/debian stable main",
            filename="example",
        )
    """
    source = parse_line(src)
    path = file_path(filename, ".list") if filename is not None else None
    host = current_host.get()
    have = [from_fact(entry) for entry in host.get_fact(AptSources) or []]
    if present:
        if any(other.covers(source) for other in have):
            host.noop(f"the repository is there: {src}")
            return
        yield from _add(host, src.strip(), path or MAIN_FILE)
    elif source in have:
        yield from _remove(host, src, source, path)
    else:
        host.noop(f"the repository is not there: {src}")


def _add(host: Host, line: str, path: str) -> Steps:
    lines = host.get_fact(AptSourceFiles).get(path)
    if lines is None:
        yield sh("mkdir", "-p", DIRECTORY)
    yield from _write(path, lines, [*(lines or []), line])


def _remove(host: Host, src: str, source: Source, path: str | None) -> Steps:
    files = host.get_fact(AptSourceFiles)
    kept = {name: without(lines, source) for name, lines in files.items() if path in (None, name)}
    changed = [name for name, lines in kept.items() if lines != files[name]]
    for name in changed:
        yield from _write(name, files[name], kept[name])
    if changed:
        return
    if path is not None:
        host.noop(f"the repository is not in {path}: {src}")
        return
    raise OperationError(
        f"the repository is configured in a .sources file: {src}", hint="remove that with `apt.sources_file`"
    )


def _write(path: str, before: Sequence[str] | None, after: Sequence[str]) -> Steps:
    old = None if before is None else "".join(f"{line}\n" for line in before)
    if path != MAIN_FILE and not any(line.strip() for line in after):
        yield Diff(path, old, None)
        yield sh("rm", "-f", path)
        return
    new = "".join(f"{line}\n" for line in after)
    yield Diff(path, old, new)
    yield Upload(new.encode(), path, mode="644" if before is None else None)
