"""Edits of files on the host: a filter reads the file and writes the new one, which then takes its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ropewalk.api.context import current_host
from ropewalk.facts.files import FindInFile
from ropewalk.facts.files.sed import SedChanges, SedOutput, sed_words
from ropewalk.model.command import Change, Diff, Raw, Shell, Steps, Word, sh
from ropewalk.model.record import record
from ropewalk.operations.files import diffs
from ropewalk.operations.files.words import stamp
from ropewalk.shell.interpolation import interpolated
from ropewalk.shell.paths import path_word

#: A temporary file in shell syntax, and what a command that makes it begins with: it never stays behind.
NEW = '"$ropewalk_new"'
TEMPORARY = f"ropewalk_new=; trap 'rm -f {NEW}' EXIT; trap 'exit 143' HUP INT TERM;"

_NAME = ".ropewalk.XXXXXXXXXX"

# Who may not give files away must not take one either: a file of somebody else is written into, not replaced. The third
# and fourth word of `ls -n` are owner and group.
_OWNER = 'ropewalk_owner() { set -- $(ls -dn "$1"); echo "$3:$4"; };'
_REPLACE = (
    f'{{ [ ! -e /sys/fs/selinux/enforce ] || chcon --reference="$ropewalk_file" {NEW} 2>/dev/null || :; }} && '
    f'{{ [ "$(ropewalk_owner {NEW})" = "$(ropewalk_owner "$ropewalk_file")" ] && '
    f'mv -f {NEW} "$ropewalk_file" 2>/dev/null || cat {NEW} > "$ropewalk_file"; }}'
)
_SHOWN = 10


def backup_path(path: str, backup: bool | str) -> str | None:
    """Return where the old file is kept: under its name and the time, or the extension that was given.

    :param backup: the argument of an operation.

    >>> backup_path("/etc/hosts", "orig")
    '/etc/hosts.orig'
    """
    if not backup:
        return None
    return f"{path}.{stamp() if backup is True else backup.removeprefix('.')}"


def in_place(path: str, *edit: Word, backup: str | None = None) -> Shell:
    """Return the command that runs a filter on a file.

    The new file has the owner and mode of the old one and replaces it at once; links are followed; when anything
    fails, the old file is as it was. A file that cannot be replaced (one that is mounted into a container, or
    belongs to somebody else) is overwritten.

    :param edit: the words of the filter; the file is its last argument.
    :param backup: where to copy the old file to.
    """
    keep: list[Word] = []
    if backup is not None:
        keep = [Raw('cp -p "$ropewalk_file"'), path_word(backup), Raw("&&")]
    return sh(
        Raw(f"{_OWNER} {TEMPORARY} ropewalk_file=$(readlink -f"), path_word(path),
        Raw(f') && ropewalk_new=$(mktemp "${{ropewalk_file%/*}}/{_NAME}" 2>/dev/null || mktemp) &&'),
        Raw(f'cp -p "$ropewalk_file" {NEW} &&'), *keep, *edit, Raw(f'"$ropewalk_file" > {NEW} &&'),
        Raw(_REPLACE),
    )  # fmt: skip


@record
class Editor:
    """A file to be edited with sed, as the arguments of an operation say."""

    path: str
    backup: bool | str
    interpolate_variables: bool
    extended_regex: bool

    def find(self, pattern: str) -> list[str] | None:
        """Return the lines that a pattern matches; ``None`` if there is no file."""
        found: list[str] | None = current_host.get().get_fact(
            FindInFile, path=self.path, pattern=pattern, interpolate_variables=self.interpolate_variables,
            extended_regex=self.extended_regex,
        )  # fmt: skip
        return found

    def changes(self, script: str) -> bool | None:
        """Return whether a script changes the file; ``None`` if there is no file."""
        return current_host.get().get_fact(
            SedChanges, path=self.path, script=script, extended_regex=self.extended_regex,
            interpolate_variables=self.interpolate_variables,
        )  # fmt: skip

    def run(self, script: str) -> Steps:
        """Run a script on the file, and show what it does when differences are wanted."""
        if diffs.wanted():
            after = current_host.get().get_fact(
                SedOutput, path=self.path, script=script, extended_regex=self.extended_regex,
                interpolate_variables=self.interpolate_variables,
            )  # fmt: skip
            yield Diff(self.path, diffs.file_text(self.path), diffs.as_text(after))
        words = sed_words(script, self.extended_regex, self.interpolate_variables)
        yield in_place(self.path, *words, backup=backup_path(self.path, self.backup))

    def word(self, text: str) -> Word:
        """Return text as a word of a command, with variables if those are expanded."""
        return Raw(interpolated(text)) if self.interpolate_variables else text


def line_changes(before: Sequence[str], after: str | None) -> Iterator[Change]:
    """Show lines that become another one or go away: the first of them, and how many more there are."""
    for line in before[:_SHOWN]:
        if line != after:
            yield Change("line", line, after)
    if len(before) > _SHOWN:
        yield Change("lines", f"{len(before) - _SHOWN} more", after)
