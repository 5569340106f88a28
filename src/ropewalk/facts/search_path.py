"""Whether the shells of a user find programs in a directory."""

from __future__ import annotations

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh

# What shells read when somebody logs in or opens a terminal.
_FILES = (".profile", ".bash_profile", ".bash_login", ".bashrc", ".zprofile", ".zshenv", ".zshrc",
          ".config/fish/config.fish", ".config/fish/conf.d/*.fish")  # fmt: skip

_LOOK = """; d=$1; case ":$PATH:" in *":$d:"*) echo yes; exit 0;; esac; r=${d#"$HOME"}
for f in FILES; do
    if [ -f "$f" ] && grep -q -F -e "$d" -e "\\$HOME$r" -e "~$r" -- "$f"; then echo yes; exit 0; fi
done
echo no""".replace("FILES", " ".join(f'"$HOME"/{name}' for name in _FILES))


class OnPath(FactBase[bool]):
    """Whether a directory is in ``PATH``, or a start-up file of the user's shells mentions it.

    :param directory: absolute path; a file may write the home directory as ``$HOME`` or ``~``.
    """

    def command(self, directory: str) -> Shell:
        return sh("set", "--", directory, Raw(_LOOK))

    def process(self, output: list[str]) -> bool:
        return output[0] == "yes"
