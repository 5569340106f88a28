"""What sed(1) would make of a file: asked before an edit, to know whether it changes anything."""

from __future__ import annotations

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, Word, sh
from ropewalk.model.errors import FactProcessError
from ropewalk.shell.interpolation import interpolated
from ropewalk.shell.paths import path_word

# Any of them tells two texts apart; cksum is in POSIX, and missing from some busyboxes.
_PICK = "for sum in cksum sha1sum shasum md5sum md5; do if command -v $sum > /dev/null; then break; fi; done;"


class SedChanges(FactBase["bool | None"]):
    """Whether a sed script changes a file; ``None`` if there is no such file.

    :param script: the script, see :func:`sed_words`.

    A script that sed refuses is an error of the fact.
    """

    def command(
        self, path: str, script: str, extended_regex: bool = False, interpolate_variables: bool = False
    ) -> Shell:
        sed = sed_words(script, extended_regex, interpolate_variables)
        file = path_word(path)
        return sh(
            Raw("if ! test -f"), file, Raw("; then echo missing; exit 0; fi;"), *sed, file,
            Raw("> /dev/null || exit 1;"), Raw(_PICK), Raw("after=$("), *sed, file,
            Raw('| $sum) && before=$($sum <'), file, Raw(') && [ -n "$before" ] && [ -n "$after" ] || exit 1;'),
            Raw('if [ "$before" = "$after" ]; then echo same; else echo changed; fi'),
        )  # fmt: skip

    def process(self, output: list[str]) -> bool | None:
        values = {"missing": None, "same": False, "changed": True}
        if len(output) != 1 or output[0] not in values:
            raise FactProcessError(f"sed's effect on the file cannot be told from {output!r}")
        return values[output[0]]


class SedOutput(FactBase["list[str]"]):
    """The lines that a sed script makes of a file; none if there is no such file."""

    def command(
        self, path: str, script: str, extended_regex: bool = False, interpolate_variables: bool = False
    ) -> Shell:
        file = path_word(path)
        return sh(Raw("! test -f"), file, Raw("||"), *sed_words(script, extended_regex, interpolate_variables), file)

    def process(self, output: list[str]) -> list[str]:
        return output

    @staticmethod
    def default() -> list[str]:
        return []


def sed_words(script: str, extended_regex: bool = False, interpolate_variables: bool = False) -> tuple[Word, ...]:
    """Return the words that run sed with a script.

    :param interpolate_variables: let the host's shell expand ``$variables`` and substitutions in the script.
    """
    text: Word = Raw(interpolated(script)) if interpolate_variables else script
    return ("sed", *(["-E"] if extended_regex else []), "-e", text)
