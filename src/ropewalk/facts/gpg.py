"""Keys and keyrings, as gpg(1) lists them.

The format of the listing is that of ``--with-colons``, described in doc/DETAILS of GnuPG.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.shell.paths import path_word

_KEYRING = "KEYRING:"
# A home of its own for gpg: reading a keyring must not leave a trust database behind.
_HOME = "home=$(mktemp -d) &&"
_REMOVE = '; status=$?; rm -rf "$home"; (exit $status)'
# gpg before 2.2.8 has no --show-keys, but shows keys when it is given nothing to do.
_SHOW = "{{ {gpg} --show-keys {file} 2>/dev/null || {gpg} {file}; }}".format
_GPG = 'gpg --homedir "$home" --batch --with-colons'
_DUMP = (
    'for f do [ -r "$f" ] || { ls -l "$f"; exit 1; } >&2; '
    f'echo "{_KEYRING}$f"; '
    f'case $f in *.kbx) {_GPG} --no-default-keyring --keyring "$f" --list-keys;; '
    f"*) {_SHOW(gpg=_GPG, file=chr(34) + '$f' + chr(34))};; esac 2>/dev/null || :; done"
)


class SubkeyDict(TypedDict):
    """A part of a key."""

    validity: str
    length: int
    fingerprint: NotRequired[str]


class KeyDict(TypedDict):
    """A key: ``validity`` is gpg's letter (``-`` unknown, ``e`` expired, ``r`` revoked), ``length`` counts bits."""

    validity: str
    length: int
    subkeys: dict[str, SubkeyDict]
    fingerprint: NotRequired[str]
    uid_hash: NotRequired[str]
    uid: NotRequired[str]


class KeyringDict(TypedDict):
    """A keyring; ``format`` is what its name ends in: ``gpg``, ``kbx`` or ``asc``."""

    format: str
    keys: dict[str, KeyDict]


class GpgFactBase(FactBase[Any]):
    """What facts about keys have in common: gpg, and how it lists keys."""

    key_record_type: ClassVar[str] = "pub"
    subkey_record_type: ClassVar[str] = "sub"

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "gpg"

    def process(self, output: list[str]) -> dict[str, KeyDict]:
        return self.read_keys(output)

    def read_keys(self, lines: Iterable[str]) -> dict[str, KeyDict]:
        """Read a listing: key ID -> key."""
        keys: dict[str, KeyDict] = {}
        key: KeyDict | None = None
        part: KeyDict | SubkeyDict | None = None
        for line in lines:
            fields = [*map(_unescaped, line.split(":")), *[""] * 10]
            if fields[0] == self.key_record_type:
                key = part = KeyDict(validity=fields[1], length=_number(fields[2]), subkeys={})
                keys[fields[4]] = key
            elif key is None or part is None:
                continue
            elif fields[0] == self.subkey_record_type:
                part = SubkeyDict(validity=fields[1], length=_number(fields[2]))
                key["subkeys"][fields[4]] = part
            elif fields[0] == "fpr":
                part["fingerprint"] = fields[9]
            elif fields[0] == "uid":
                key["uid_hash"], key["uid"] = fields[7], fields[9]
        return keys


class GpgKey(GpgFactBase):
    """The keys in a file or at a URL: key ID -> key.

    :param src: path on the host, or a URL that the host downloads.

    ::

        {"73A4F27B8DD47936": {"validity": "-", "length": 4096, "subkeys": {"6D33866EDD8FFA41": {"validity": "-",
         "length": 4096}}, "uid": "Ann <ann@example.com>"}}
    """

    def command(self, src: str) -> Shell:
        if re.match(r"(?:https?|ftp)://", src):
            download = sh("curl", "-fsSL", "--", src, Raw("||"), "wget", "-q", "-O", "-", "--", src).render()
            get, file = f'{{ {download}; }} >"$home/key" &&', '"$home/key"'
        else:
            get, file = "", sh(path_word(src)).render()
        return sh(Raw(f"{_HOME} {{ {get} {_SHOW(gpg=_GPG, file=file)}; }}{_REMOVE}"))


class GpgKeys(GpgFactBase):
    """The public keys of a keyring: key ID -> key.

    :param keyring: path of the keyring; by default those of the user.

    ::

        {"73A4F27B8DD47936": {"validity": "-", "length": 4096, "subkeys": {"6D33866EDD8FFA41": {"validity": "-",
         "length": 4096}}, "uid": "Ann <ann@example.com>"}}
    """

    list_flag: ClassVar[str] = "--list-keys"

    def command(self, keyring: str | None = None) -> Shell:
        chosen = ("--no-default-keyring", "--keyring", path_word(keyring)) if keyring else ()
        return sh("gpg", "--batch", self.list_flag, "--with-colons", *chosen)


class GpgSecretKeys(GpgKeys):
    """The secret keys of a keyring: key ID -> key.

    :param keyring: path of the keyring; by default those of the user.

    ::

        {"73A4F27B8DD47936": {"validity": "-", "length": 4096, "subkeys": {"6D33866EDD8FFA41": {"validity": "-",
         "length": 4096}}, "uid": "Ann <ann@example.com>"}}
    """

    key_record_type = "sec"
    subkey_record_type = "ssb"
    list_flag = "--list-secret-keys"


class GpgKeyrings(GpgFactBase):
    """The keyrings (``*.gpg``, ``*.kbx``, ``*.asc``) below directories: path -> format and keys.

    A file that holds no keys has none.

    :param directories: a directory of the host or several; those that do not exist are passed over.

    ::

        {"/etc/apt/keyrings/example.gpg": {"format": "gpg", "keys": {"73A4F27B8DD47936": {"validity": "-",
         "length": 4096, "subkeys": {"6D33866EDD8FFA41": {"validity": "-", "length": 4096}},
         "uid": "Ann <ann@example.com>"}}}}
    """

    def command(self, directories: str | Sequence[str]) -> Shell:
        paths = [directories] if isinstance(directories, str) else directories
        find = sh("find", "-L", Raw('"$@"'), "-type", "f", "(", "-name", "*.gpg", "-o", "-name", "*.kbx",
                  "-o", "-name", "*.asc", ")", "-exec", "sh", "-c", _DUMP, "sh", "{}", "+").render()  # fmt: skip
        there = 'for d do shift; [ ! -d "$d" ] || set -- "$@" "$d"; done'
        run = f"[ $# = 0 ] || {{ {_HOME} export home && {find}{_REMOVE}; }}"
        return sh("set", "--", *map(path_word, paths), Raw(f"; {there}; {run}"))

    def process(self, output: list[str]) -> dict[str, KeyringDict]:  # type: ignore[override]  # what it holds is keys
        return self.read_keyrings(output)

    def read_keyrings(self, lines: Iterable[str]) -> dict[str, KeyringDict]:
        """Read the listings of several keyrings."""
        listings: dict[str, list[str]] = {}
        for line in lines:
            if line.startswith(_KEYRING):
                listing = listings.setdefault(line.removeprefix(_KEYRING), [])
            else:
                listing.append(line)
        return {
            path: KeyringDict(format=path.rpartition(".")[2], keys=self.read_keys(listing))
            for path, listing in listings.items()
        }


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _unescaped(text: str) -> str:
    return re.sub(r"\\x([0-9a-fA-F]{2})", lambda match: chr(int(match[1], 16)), text)
