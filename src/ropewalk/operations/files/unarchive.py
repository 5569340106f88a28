from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import Directory, File
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Steps, Upload, Word, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.files.content import read
from ropewalk.operations.files.ownership import Attributes, chown
from ropewalk.operations.packaging.names import words
from ropewalk.shell.paths import path_word

#: The options of tar for each ending.
_TAR = {
    ".tar": "-x", ".tar.gz": "-xz", ".tgz": "-xz", ".tar.bz2": "-xj", ".tbz2": "-xj", ".tar.xz": "-xJ", ".txz": "-xJ",
    ".tar.zst": "-x --zstd",
}  # fmt: skip


@operation(idempotent_notice="With `creates`; without it, the archive is extracted every time.")
def unarchive(
    src: str,
    dest: str,
    remote_src: bool = False,
    creates: str | None = None,
    extra_opts: Sequence[str] | None = None,
    user: str | None = None,
    group: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Extract an archive into a directory of the host.

    :param src: the archive: ``.tar``, ``.tar.gz``, ``.tgz``, ``.tar.bz2``, ``.tbz2``, ``.tar.xz``, ``.txz``,
        ``.tar.zst`` or ``.zip``. A local one goes to the host for the time of extraction.
    :param dest: the directory; it has to exist.
    :param remote_src: the archive is on the host.
    :param creates: a path on the host: if it exists, nothing is to do.
    :param extra_opts: further options of tar or unzip, such as ``["--strip-components=1"]``.
    :param user: owner of ``dest`` and everything in it afterwards.
    :param group: as ``user``.
    :raises OperationError: the archive or the directory does not exist.
    :raises OperationValueError: the name of the archive does not tell what kind it is, or an option has an open quote.

    ::

        files.unarchive(src="app-1.0.tar.gz", dest="/opt/app", creates="/opt/app/bin/app")
    """
    host = current_host.get()
    if creates and host.get_fact(File, path=creates) is not None:
        host.noop(f"{creates} exists")
        return
    extract = _extract_words(src, [word for text in extra_opts or () for word in words(text)])
    if not host.get_fact(Directory, path=dest):
        raise OperationError(f"{dest} is not a directory of the host")
    if remote_src:
        if host.get_fact(File, path=src) is None:
            raise OperationError(f"the archive {src} does not exist on the host")
        yield sh(*_filled(extract, path_word(src), path_word(dest)))
    else:
        archive = host.get_temp_filename()
        yield Upload(read(src, add_deploy_dir=True).source, archive, "600")
        # The copy goes away whether or not tar succeeds.
        yield sh(
            "trap", sh("rm", "-f", archive), Raw("EXIT;"), *_filled(extract, archive, path_word(dest)),
        )  # fmt: skip
    want = Attributes.of(user, group)
    if want.owned:
        yield chown(dest, want, recursive=True)


def _extract_words(src: str, extra: list[str]) -> tuple[Word | None, ...]:
    """Return the command that extracts, with ``None`` where the archive and the directory go."""
    name = src.lower()
    if name.endswith(".zip"):
        return ("unzip", "-q", "-o", *extra, None, "-d", None)
    # The longest ending that fits.
    for ending in sorted(_TAR, key=len, reverse=True):
        if name.endswith(ending):
            return ("tar", *_TAR[ending].split(), *extra, "-f", None, "-C", None)
    raise OperationValueError(
        f"{src} has no ending of an archive that can be extracted", hint=f"these can: {', '.join([*_TAR, '.zip'])}"
    )


def _filled(words: tuple[Word | None, ...], archive: Word, dest: Word) -> list[Word]:
    places = iter((archive, dest))
    return [next(places) if word is None else word for word in words]
