"""Files with OpenPGP keys as they are: what a keyring of the host holds, and what a file or URL offers."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.keyrings import OfferedKeys
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactProcessError
from ropewalk.shell.paths import path_word


class KeyFile(FactBase["bytes | None"]):
    """The content of a file; ``None`` if there is none.

    :param path: the file.
    """

    def command(self, path: str) -> Shell:
        return if_present(path_word(path), Raw('echo there && base64 <"$1"'))

    def process(self, output: list[str]) -> bytes:
        return _decoded(output[1:])


class OfferedKeyFile(FactBase[bytes]):
    """The content of a file of the host, or of what is at a URL, which the host reads with curl or wget.

    :param source: the path or URL.
    """

    def command(self, source: str) -> Shell:
        return OfferedKeys().command(source)

    def process(self, output: list[str]) -> bytes:
        return _decoded(output)

    @staticmethod
    def default() -> Any:
        return b""


class IsDearmored(FactBase["bool | None"]):
    """Whether a file holds the binary form of what another one holds as text; ``None`` where there is no gpg.

    :param src: the file with text.
    :param dest: the file with the binary form; it need not be there.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "gpg"

    def command(self, src: str, dest: str) -> Shell:
        # A home of its own for gpg: a fact must leave nothing behind.
        return sh("set", "--", path_word(src), path_word(dest), Raw(
            '; home=$(mktemp -d) && { gpg --homedir "$home" --batch -o "$home/out" --dearmor <"$1" && '
            'if cmp -s -- "$home/out" "$2"; then echo yes; else echo no; fi; }; '
            'status=$?; rm -rf "$home"; (exit $status)'
        ))  # fmt: skip

    def process(self, output: list[str]) -> bool:
        return output[0] == "yes"


def _decoded(lines: list[str]) -> bytes:
    try:
        return base64.b64decode("".join(line.strip() for line in lines), validate=True)
    except binascii.Error as error:
        raise FactProcessError(f"the host sent no base64: {error}") from None
