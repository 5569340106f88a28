"""Client programs of databases, and how secrets reach them: as here-documents on descriptors.

Nothing secret is an argument, an environment variable or a file with a name: the shell that runs the client keeps the
secret as one of its own parameters and writes it into a document that the client reads.
"""

from __future__ import annotations

from dataclasses import field

from ropewalk.model.command import Raw, Secret, Shell, Word, sh
from ropewalk.model.record import record
from ropewalk.shell.paths import path_word
from ropewalk.shell.sql import Sql

# Writes to a file beside the one that is wanted ("$1"), and puts it in its place when it is complete. What is there
# and no plain file (a pipe, a link) is written to directly.
_BEGIN_SAVING = (
    '; if [ -L "$1" ] || { [ -e "$1" ] && [ ! -f "$1" ]; }; then t=$1; else t=$(mktemp "$1.XXXXXX") && '
    'if [ -e "$1" ]; then m=$(stat -c %a -- "$1" 2>/dev/null || stat -f %Lp -- "$1"); '
    'else m=$(printf %o "$((0666 & ~$(umask)))"); fi && chmod "$m" "$t"; fi &&'
)
_END_SAVING = ' && { [ "$t" = "$1" ] || mv -f -- "$t" "$1"; } || { s=$?; [ "$t" = "$1" ] || rm -f -- "$t"; exit "$s"; }'
# A document that can be read more than once: an open file without a name.
_KEEP = '&& t=$(mktemp) && exec 7>"$t" 8<"$t" && rm -f -- "$t" && cat >&7 <<EOF && exec 7>&- &&'


@record
class Client:
    """A client program, ready to be given SQL.

    :ivar words: the program with its options.
    :ivar before: shell syntax in front of it, such as variables.
    :ivar with_secret: as ``before``, when there is a secret.
    :ivar setup: shell syntax that the document needs.
    :ivar options: options that come first, when there is a secret.
    :ivar secret: what the server wants to know.
    :ivar document: what the client reads on descriptor 8; ``{}`` stands for the secret.
    """

    words: tuple[Word, ...]
    before: str = ""
    with_secret: str = ""
    setup: str = ""
    options: tuple[str, ...] = ()
    secret: Secret | None = None
    document: str = field(default="{}\n", repr=False)

    def run(self, *more: Word, stdin: Sql | Secret | None = None) -> Shell:
        """Return the command with further words; ``stdin`` is what the client reads on its standard input."""
        given: list[Word] = []
        redirections = documents = ""
        if self.secret is not None:
            given.append(self.secret)
            redirections, documents = " 8<<EOF", f"{self._document(1)}EOF\n"
        if stdin is not None:
            given.append(stdin.word if isinstance(stdin, Sql) else stdin)
            redirections += " <<END"
            documents += f"${len(given)}\nEND\n"
        if not given:
            return sh(*self._line(), *more)
        tail = Raw(f"{redirections}\n{documents}")
        return sh("set", "--", *given, Raw(f"{self._setup}&&"), *self._line(), *more, tail)

    def load(self, path: str) -> Shell:
        """Return the command that feeds a file of the host to the client.

        What is in the file may make the client connect again, so the secret can be read again.
        """
        if self.secret is None:
            return sh(*self._line(), Raw("<"), path_word(path))
        tail = Raw(f"\n{self._document(1)}EOF\n")
        return sh("set", "--", self.secret, Raw(self._setup + _KEEP), *self._line(), Raw("<"), path_word(path), tail)

    def save(self, path: str) -> Shell:
        """Return the command that writes what the client prints to a file of the host: all of it, or nothing."""
        given: tuple[Word, ...] = (path_word(path),)
        redirection = document = ""
        if self.secret is not None:
            given = (*given, self.secret)
            redirection, document = " 8<<EOF", f"\n{self._document(2)}EOF\n"
        end = f'>"$t"{redirection}{_END_SAVING}{document}'
        return sh("set", "--", *given, Raw(self._setup + _BEGIN_SAVING), *self._line(), Raw(end))

    @property
    def _setup(self) -> str:
        return f"&& {self.setup} " if self.setup and self.secret is not None else ""

    def _line(self) -> tuple[Word, ...]:
        before = " ".join(filter(None, (self.before, self.with_secret if self.secret is not None else "")))
        program, *rest = self.words
        options = self.options if self.secret is not None else ()
        return (*((Raw(before),) if before else ()), program, *options, *rest)

    def _document(self, parameter: int) -> str:
        return self.document.replace("{}", f"${{{parameter}}}")


def secret_of(value: str | Secret | None) -> Secret | None:
    """Return what a deploy gives as a password as a secret; empty is none."""
    if isinstance(value, Secret):
        return value if value.value else None
    return Secret(value) if value else None
