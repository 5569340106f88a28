"""A directory tree of a host, with the hashes of its files, in one read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactProcessError
from ropewalk.model.record import record
from ropewalk.shell.paths import path_word

TYPES = {
    "-": "file", "d": "directory", "l": "link", "b": "block", "c": "character", "p": "fifo", "s": "socket",
}  # fmt: skip


@record
class Entry:
    """One thing in a tree.

    :param type: ``"file"``, ``"directory"``, ``"link"``, or another kind.
    :param mode: permission bits as octal digits.
    :param sha1: of a file; ``None`` where the host has no program for it.
    :param target: of a link.
    """

    type: str
    mode: int
    user: str
    group: str
    size: int
    sha1: str | None = None
    target: str | None = None


class TreeHashes(FactBase["dict[str, Entry]"]):
    """Everything in a directory, by relative path; ``"."`` is the directory itself. Empty if it does not exist.

    :param names: only these relative paths, and not what is below them; ``None``: everything.

    Names that hold a line end are left out. ``path`` may be a link to a directory.

    ::

        host.get_fact(TreeHashes, path="/srv/www")["index.html"].sha1
    """

    def command(self, path: str, names: Sequence[str] | None = None) -> Shell:
        # With names, find complains of those that do not exist; without, what it cannot read is an error.
        limits = [Raw("-name"), "*\n*", Raw("-prune -o")] if names is None else [Raw("-maxdepth 0")]
        missing = "|| exit 1;" if names is None else "2>/dev/null;"
        starts = [f"./{name}" for name in names or ()]
        place = path_word(path)
        return sh(
            Raw("if [ -d"), place, Raw("]; then cd"), place, Raw(">/dev/null || exit 1; elif [ -e"), place,
            Raw("] || [ -h"), place, Raw("]; then echo other; exit 0; else exit 0; fi; set -- ."), *starts,
            Raw('; find "$@"'), *limits, Raw("-exec sh -c"), _STAT, Raw("sh {} + "), Raw(missing),
            Raw('find "$@"'), *limits, Raw("-type l -exec sh -c"), _READLINK, Raw("sh {} + 2>/dev/null;"),
            Raw(_PICK), Raw('find "$@"'), *limits, Raw("-type f -exec $hash {} + 2>/dev/null; :"),
        )  # fmt: skip

    def process(self, output: list[str]) -> dict[str, Entry]:
        return parse(output)

    @staticmethod
    def default() -> dict[str, Entry]:
        return {}


def parse(output: Iterable[str]) -> dict[str, Entry]:
    """Turn the lines that the command writes into entries.

    :raises FactProcessError: a line is of no known form.
    """
    entries: dict[str, Entry] = {}
    link = ""
    for line in output:
        if line == "other":
            entries["."] = Entry("other", 0, "", "", 0)
        elif found := _STATUS.fullmatch(line):
            kind, mode, user, group, size, name = found.groups()
            entries[_relative(name)] = Entry(TYPES.get(kind, "other"), int(mode), user, group, int(size))
        elif line.startswith("link:"):
            link = _relative(line.removeprefix("link:"))
        elif line.startswith("target:") and link in entries:
            entries[link] = replace(entries[link], target=line.removeprefix("target:"))
        elif (found := _HASH.fullmatch(line)) and (name := _hashed_name(found)) in entries:
            entries[name] = replace(entries[name], sha1=found[2])
        else:
            raise FactProcessError(f"the listing of a tree has a line of unknown form: {line!r}")
    return entries


# GNU and busybox, else BSD: type and permissions as ls shows them, permissions as octal digits.
_STAT = (
    "if stat -c %n / >/dev/null 2>&1; then stat -c %A:%a:%U:%G:%s:%n \"$@\"; "
    "else stat -f %Sp:%Mp%Lp:%Su:%Sg:%z:%N \"$@\"; fi"
)  # fmt: skip
# A target's own line ends become question marks: it is then equal to no target that anybody asks for.
_READLINK = r"""for l do t=$(readlink "$l" | tr '\n' '?'); printf 'link:%s\ntarget:%s\n' "$l" "${t%?}"; done"""
_PICK = (
    "if command -v sha1sum >/dev/null; then hash=sha1sum; elif command -v shasum >/dev/null; then hash=shasum; "
    "else hash='sha1 -r'; fi;"
)
_STATUS = re.compile(r"([-dlbcps])[-rwxsStT]{9}.?:([0-7]+):([^:]*):([^:]*):([0-9]+):(\.(?:/.*)?)")
_HASH = re.compile(r"(\\?)([0-9a-f]{40}) [ *]?(\./.*)")


def _relative(name: str) -> str:
    return name.removeprefix("./")


def _hashed_name(found: re.Match[str]) -> str:
    """Return the name in a line of sha1sum, which marks lines whose names have escapes with a backslash."""
    name = found[3]
    if found[1]:
        name = re.sub(r"\\(.)", lambda escape: {"n": "\n", "r": "\r"}.get(escape[1], escape[1]), name)
    return _relative(name)
