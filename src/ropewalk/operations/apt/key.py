"""apt.key: the keys that repositories are signed with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.host import Host
from ropewalk.api.operation import operation
from ropewalk.facts.keyrings import Keyrings, Keys, OfferedKeys
from ropewalk.facts.openpgp import NotAKeyring, armor, keys_in
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, Upload, describe_source, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.apt.keys import (
    KEYRING_DIRECTORIES,
    default_name,
    has_key,
    keyring_path,
    keyserver_url,
    missing_keys,
    normal_ids,
)
from ropewalk.operations.packaging import is_url


@operation()
def key(
    src: str | IO[Any] | None = None,
    keyserver: str | None = None,
    keyid: str | Sequence[str] | None = None,
    dest: str | None = None,
    present: bool = True,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install or remove keys that apt trusts.

    A key in ``/etc/apt/keyrings`` is trusted only by repositories that name it (``signed-by``). Keys are read and
    checked before anything is written; neither gpg nor the retired apt-key is needed on the host.

    :param src: where the key is, armored or binary: a path on the host, a URL that the host reads with curl or
        wget, or a file object of this machine. The key of a URL is read only while the keyring (or the key that
        ``keyid`` names) is not there; other sources are compared each time.
    :param keyserver: fetch the keys of ``keyid`` from this server instead, over HTTPS unless it says ``hkp://``.
    :param keyid: fingerprints or key ids: the keyring must hold these keys, and what is fetched must too. Use
        fingerprints (40 digits): other keys can share an id.
    :param dest: path of the keyring, or its name in ``/etc/apt/keyrings``; named after the source by default. A
        keyring ending in ``.asc`` is armored, any other binary.
    :param present: ``False`` removes the keys of ``keyid`` (from ``dest``, or from everywhere that apt looks), or
        without ``keyid`` the keyring.
    :raises OperationValueError: it is not said which key, or where it comes from.
    :raises OperationError: the source does not hold the keys it should.

    ::

        apt.key(
            name="Trust the Example repository",
            src="https://example.org/release.asc",
            dest="example.gpg",
        )
    """
    host = current_host.get()
    ids = normal_ids(keyid)
    if not present:
        named = dest or (default_name(src, keyid if keyserver else None) if src or keyserver else None)
        yield from _remove(host, ids, keyring_path(named) if named else None)
        return
    _check(src, keyserver, ids)
    path = keyring_path(dest or default_name(src, keyid if keyserver else None))
    have = host.get_fact(Keyrings, paths=[path]).get(path)
    if have and not missing_keys(have, ids) and (keyserver or (isinstance(src, str) and is_url(src))):
        host.noop(f"the keys are in {path}")
        return
    keys = _offered(host, src, keyserver, ids)
    if keys == have:
        host.noop(f"the keys are in {path}")
        return
    if have is None:
        yield sh("mkdir", "-p", "-m", "755", path.rpartition("/")[0] or "/")
    yield from _write(path, have or {}, keys)


def _check(src: object, keyserver: str | None, ids: list[str]) -> None:
    if src is None and keyserver is None:
        raise OperationValueError("apt.key needs either `src` or `keyserver`")
    if src is not None and keyserver is not None:
        raise OperationValueError("apt.key takes `src` or `keyserver`, not both")
    if keyserver is not None and not ids:
        raise OperationValueError("apt.key needs `keyid` with `keyserver`")


def _offered(host: Host, src: str | IO[Any] | None, keyserver: str | None, ids: list[str]) -> Keys:
    """Read what the source offers, and make sure that it is what was asked for."""
    if keyserver is not None:
        keys: Keys = {}
        for one in ids:
            found = host.get_fact(OfferedKeys, source=keyserver_url(keyserver, one))
            keys |= {name: key for name, key in found.items() if has_key(name, key, one)}
    elif isinstance(src, str):
        keys = host.get_fact(OfferedKeys, source=src)
    else:
        keys = _read(src)
    if not keys and not ids:
        raise OperationError(f"{describe_source(src)} is empty, not an OpenPGP key")
    if missing := missing_keys(keys, ids):
        raise OperationError(f"{keyserver or describe_source(src)} does not offer the key {missing[0]}",
                             hint="what it offers: " + (", ".join(keys) or "nothing"))  # fmt: skip
    return keys


def _read(source: Any) -> Keys:
    if hasattr(source, "seek"):
        source.seek(0)
    content = source.read()
    try:
        return keys_in(content.encode() if isinstance(content, str) else content)
    except NotAKeyring as error:
        raise OperationError(f"the given file is not an OpenPGP key: {error}") from None


def _remove(host: Host, ids: list[str], path: str | None) -> Steps:
    """Remove keys from one keyring, or from all; without ids, a whole keyring."""
    if not ids and path is None:
        raise OperationValueError("apt.key needs `keyid`, `dest` or `src` to know what to remove")
    changed = False
    for place, keys in host.get_fact(Keyrings, paths=[path] if path else list(KEYRING_DIRECTORIES)).items():
        kept = {name: key for name, key in keys.items() if ids and not any(has_key(name, key, one) for one in ids)}
        if kept != keys or not ids:
            changed = True
            yield from _write(place, keys, kept)
    if not changed:
        host.noop("there is no such key")


def _write(path: str, before: Keys, after: Keys) -> Steps:
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Change(f"key {name}", *("trusted" if name in keys else None for keys in (before, after)))
    if not after:
        yield sh("rm", "-f", "--", path)
        return
    content = armor(after.values()) if path.endswith(".asc") else b"".join(after.values())
    yield Upload(content, path, mode="644")
