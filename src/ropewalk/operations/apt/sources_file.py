"""apt.sources_file: repositories, as a deb822 file."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.apt import AptSources
from ropewalk.facts.files import File, FileContents
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Diff, Steps, Upload, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.apt.sources import (
    DIRECTORY,
    TYPES,
    Source,
    check,
    deb822,
    file_path,
    from_fact,
    make_source,
)

Words = str | Sequence[str] | None


@operation()
def sources_file(
    filename: str,
    types: Words = "deb",
    uris: Words = None,
    suites: Words = None,
    components: Words = None,
    architectures: Words = None,
    signed_by: str | None = None,
    present: bool = True,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Write or remove a file of repositories in the deb822 form of sources.list(5).

    A file that exists is brought to exactly this content. A new one is not made when other files already configure
    all of its repositories, since apt warns of repositories that are configured twice. The package lists are not
    updated.

    :param filename: the file in ``/etc/apt/sources.list.d``, with or without ``.sources``.
    :param types: ``deb``, ``deb-src`` or both. Here and below: a list, or text with spaces between the values.
    :param uris: where the repositories are.
    :param suites: such as ``bookworm``; a path ending in ``/`` for a repository without components.
    :param components: such as ``main``.
    :param architectures: only these; by default those of the host.
    :param signed_by: path of a keyring on the host, or an armored key itself.
    :param present: ``False`` removes the file.
    :raises OperationValueError: apt would not understand the file, or would ignore it.
    :raises OperationError: there are no URIs or suites to write.

    ::

        apt.sources_file(
            name="Add the Example repository",
            filename="example",
            uris="https://example.org/debian",
            suites="stable",
            components=["main", "contrib"],
            signed_by="/etc/apt/keyrings/example.gpg",
        )
    """
    path = file_path(filename, ".sources")
    host = current_host.get()
    if not present:
        if host.get_fact(File, path=path) is None:
            host.noop(f"{path} does not exist")
        else:
            yield sh("rm", "-f", path)
        return
    fields = {
        "Types": _split(types),
        "URIs": _split(uris),
        "Suites": _split(suites),
        "Components": _split(components),
        "Architectures": _split(architectures),
    }
    wanted = _sources(fields, signed_by)
    content = deb822({name: " ".join(values) for name, values in fields.items()} | {"Signed-By": signed_by or ""})
    lines = host.get_fact(FileContents, path=path)
    if lines == content.splitlines():
        host.noop(f"{path} is as it should be")
        return
    if lines is None:
        have = [from_fact(entry) for entry in host.get_fact(AptSources) or []]
        if all(any(other.covers(source) for other in have) for source in wanted):
            host.noop(f"other files configure the repositories of {path}")
            return
        yield sh("mkdir", "-p", DIRECTORY)
    yield Diff(path, None if lines is None else "".join(f"{line}\n" for line in lines), content)
    yield Upload(content.encode(), path, mode="644")


def _sources(fields: dict[str, list[str]], signed_by: str | None) -> list[Source]:
    """Return the sources of a stanza: one for each type, URI and suite."""
    types, uris, suites, components = (fields[name] for name in ("Types", "URIs", "Suites", "Components"))
    if not uris or not suites:
        raise OperationError("apt.sources_file needs at least one URI and one suite")
    if unknown := [type for type in types if type not in TYPES]:
        raise OperationValueError(f"a source is of type deb or deb-src, not {unknown[0]!r}")
    options: dict[str, object] = {"arch": fields["Architectures"], "signed-by": signed_by}
    given = {name: value for name, value in options.items() if value}
    made = []
    for type, uri, suite in itertools.product(types or ["deb"], uris, suites):
        check(uri, suite, components)
        made.append(make_source(type, uri, suite, components, given))
    return made


def _split(values: Words) -> list[str]:
    """Return the words of text or of a list of text."""
    texts = [values] if isinstance(values, str) else (values or [])
    return [word for text in texts for word in text.split()]
