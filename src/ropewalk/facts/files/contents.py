"""The lines of a file: all of them, or those that match."""

from __future__ import annotations

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, Word, sh
from ropewalk.shell.interpolation import interpolated
from ropewalk.shell.paths import path_word

# Both commands print one line before any line of the file: that is how an empty answer differs from no file.
_THERE = "echo +;"


class FileContents(FactBase["list[str] | None"]):
    """The lines of a file, without their line ends; ``None`` if nothing is there, or a directory.

    A carriage return at the end of a line is kept. The value does not tell whether the last line ended.

    Read with cat(1).

    :param path: path on the host; links are followed; ``~/`` is the home directory.

    ::

        ["127.0.0.1 localhost", "192.0.2.7 web1"]
    """

    def command(self, path: str) -> Shell:
        return if_present(path_word(path), Raw(f'[ -d "$1" ] || {{ {_THERE} cat "$1"; }}'))

    def process(self, output: list[str]) -> list[str] | None:
        return output[1:]


class FindInFile(FactBase["list[str] | None"]):
    """The lines of a file that match a pattern; ``[]`` if none does, ``None`` if nothing is at the path.

    Patterns are those of grep(1).

    :param path: path on the host; links are followed; ``~/`` is the home directory.
    :param pattern: a basic regular expression, as grep(1) understands it.
    :param interpolate_variables: the shell of the host expands ``$NAME`` in the pattern first.
    :param extended_regex: the pattern is an extended regular expression.
    """

    def command(
        self, path: str, pattern: str, interpolate_variables: bool = False, extended_regex: bool = False
    ) -> Shell:
        expression: Word = Raw(interpolated(pattern)) if interpolate_variables else pattern
        flags = ("-E",) if extended_regex else ()
        # -a, because one byte of Latin-1 in a configuration file does not make it binary; not every grep has it.
        as_text, plain = (sh("grep", *more, *flags, "-e", expression, Raw('"$1"')).render() for more in (["-a"], []))
        tries = f"{as_text} 2>/dev/null; case $? in 0|1) ;; *) {plain}; [ $? -le 1 ];; esac"
        return if_present(path_word(path), Raw(f'{_THERE} if [ ! -d "$1" ]; then {tries}; fi'))

    def process(self, output: list[str]) -> list[str] | None:
        return output[1:]
