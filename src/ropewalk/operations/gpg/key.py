"""gpg.key"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import File
from ropewalk.facts.key_files import KeyFile, OfferedKeyFile
from ropewalk.facts.keyrings import Keyrings, Keys, OfferedKeys
from ropewalk.facts.openpgp import NotAKeyring, armor, keys_in
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, Upload, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.apt.keys import has_key, keyserver_url, missing_keys, normal_ids
from ropewalk.operations.files import obstacles
from ropewalk.operations.files.destination import make_parent
from ropewalk.operations.files.modes import normalise
from ropewalk.operations.files.ownership import Attributes, adjust
from ropewalk.operations.packaging import is_url
from ropewalk.shell.paths import path_word


@operation()
def key(
    src: str | None = None,
    dest: str | None = None,
    keyserver: str | None = None,
    keyid: str | Sequence[str] | None = None,
    dearmor: bool = True,
    mode: int | str = "0644",
    present: bool = True,
    working_dirs: Sequence[str] | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Write a keyring, or take keys out of keyrings.

    Keys are read and checked before anything is written. The host needs no gpg.

    :param src: where the keys are: a path on the host, or a URL that the host reads with curl or wget.
    :param dest: the keyring.
    :param keyserver: fetch the keys of ``keyid`` from this server instead, over HTTPS unless it says ``hkp://``.
    :param keyid: fingerprints or key ids; the keyring must hold these keys. Use fingerprints (40 digits): other keys
        can share an id. What comes from a URL or key server is fetched only while they are missing from the keyring,
        without ``keyid`` while there is no keyring.
    :param dearmor: write the binary form. ``False`` writes what the source holds as it is, keys of a key server as
        text.
    :param mode: the keyring's mode, octal digits or chmod's symbols.
    :param present: ``False`` removes the keys of ``keyid`` from ``dest``, or from all keyrings (``*.gpg``, ``*.asc``)
        in ``working_dirs``, and a keyring that is empty then; without ``keyid`` the keyring ``dest``.
    :param working_dirs: see ``present``.
    :raises OperationError: the source does not hold the keys it should, or ``dest`` is something else than a keyring.
    :raises OperationValueError: it is not said which key, where it comes from or where it goes.

    ::

        gpg.key(
            name="Have Example's key", src="https://example.org/release.asc", dest="/usr/share/keyrings/example.gpg"
        )
    """
    ids = normal_ids(keyid)
    if not present:
        yield from _remove(ids, dest, working_dirs)
        return
    if not dest or (src is None) == (keyserver is None) or (keyserver is not None and not ids):
        raise OperationValueError("gpg.key needs `dest`, and either `src` or `keyserver` with `keyid`")
    if working_dirs:
        raise OperationValueError("`working_dirs` says where to remove keys from: give it with present=False")
    host, want = current_host.get(), Attributes(mode=normalise(mode))
    info = host.get_fact(File, path=dest)
    if info is False:
        raise OperationError(f"{dest} is {obstacles.kind(dest)}, not a file", hint="give the path of a file")
    before = host.get_fact(KeyFile, path=dest) if info else None
    have = _keys(before) or {}
    if have and not missing_keys(have, ids) and (keyserver or is_url(src or "")):
        content = _binary(have) if dearmor else before
    else:
        content = _offered(src, keyserver, ids, dearmor)
    if info and content == before:
        steps = [*adjust(dest, info, want)]
        yield from steps
        if not steps:
            host.noop(f"the keys are in {dest}")
        return
    if not info:
        yield from make_parent(dest, None, None)
    yield from _changes(have, _keys(content) or {})
    yield Upload(content or b"", dest, mode=want.mode)


def _offered(src: str | None, keyserver: str | None, ids: list[str], dearmor: bool) -> bytes:
    """Return the keyring that a source makes, and make sure that it holds what was asked for."""
    host = current_host.get()
    if keyserver is not None:
        keys: Keys = {}
        for one in ids:
            found = host.get_fact(OfferedKeys, source=keyserver_url(keyserver, one))
            keys |= {name: key for name, key in found.items() if has_key(name, key, one)}
        content = _binary(keys) if dearmor else armor(keys.values())
    else:
        raw = host.get_fact(OfferedKeyFile, source=src or "")
        keys = _keys(raw) or {}
        content = _binary(keys) if dearmor else raw
    if not keys or missing_keys(keys, ids):
        wanted = f"the key {missing_keys(keys, ids)[0]}" if ids else "an OpenPGP key"
        raise OperationError(f"{keyserver or src} does not offer {wanted}",
                             hint="what it offers: " + (", ".join(keys) or "no keys"))  # fmt: skip
    return content


def _remove(ids: list[str], dest: str | None, working_dirs: Sequence[str] | None) -> Steps:
    if not dest and not (ids and working_dirs):
        raise OperationValueError("to remove keys, gpg.key needs `dest`, or `keyid` and `working_dirs`")
    host = current_host.get()
    if not dest:
        keyrings: Mapping[str, Keys] = host.get_fact(Keyrings, paths=list(working_dirs or ()))
    else:
        content = host.get_fact(KeyFile, path=dest)
        have = {} if content is None else _keys(content)
        if have is None and ids:
            raise OperationError(f"{dest} is not a file of OpenPGP keys", hint="gpg's own keybox is left to gpg")
        keyrings = {} if content is None else {dest: have or {}}
    changed = False
    for path, keys in keyrings.items():
        kept = {name: key for name, key in keys.items() if ids and not any(has_key(name, key, one) for one in ids)}
        if kept == keys and ids:
            continue
        changed = True
        yield from _changes(keys, kept)
        if kept:
            yield Upload(armor(kept.values()) if path.endswith(".asc") else _binary(kept), path)
        else:
            yield sh("rm", "-f", "--", path_word(path))
    if not changed:
        host.noop("there is no such key")


def _keys(content: bytes | None) -> Keys | None:
    """Return the keys in a file; ``None`` if it is something else."""
    try:
        return keys_in(content or b"")
    except NotAKeyring:
        return None


def _binary(keys: Mapping[str, Any]) -> bytes:
    return b"".join(keys.values())


def _changes(before: Keys, after: Keys) -> Steps:
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Change(f"key {name}", *("there" if name in keys else None for keys in (before, after)))
