from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Diff, Raw, Steps, Word, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.files import diffs, edits, regex
from ropewalk.shell.paths import path_word


@operation()
def line(
    path: str,
    line: str,
    present: bool = True,
    replace: str | None = None,
    flags: Sequence[str] | None = None,
    backup: bool | str = False,
    interpolate_variables: bool = False,
    escape_regex_characters: bool = False,
    ensure_newline: bool = False,
    extended_regex: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    r"""Make sure that a file has a line, that lines read as they should, or that they are gone.

    ``line`` is a regular expression of grep and sed. It stands for every line of which it matches a part; begin it
    with ``^`` and end it with ``$`` to mean a whole line.

    - A line matches, no ``replace``: nothing is to do.
    - Lines match, ``replace`` given: each of them becomes ``replace``.
    - No line matches: ``replace``, or else ``line`` without its anchors, is appended as a line of its own, unless
      that very line is there. The file is made if it is missing. A ``replace`` with ``\1`` means nothing without
      a line that matches, and is not appended.
    - ``present=False``: the lines that match are deleted.

    :param path: the file.
    :param line: the line, or a regular expression for lines.
    :param present: ``False`` deletes the lines that match.
    :param replace: the whole new line. ``\1`` stands for the first group of ``line``.
    :param flags: flags of sed's ``s`` command, such as ``["I"]``.
    :param backup: keep the old file under its name and the time; text is used in place of the time.
    :param interpolate_variables: let the host's shell expand ``$variables`` in ``line`` and ``replace``.
    :param escape_regex_characters: take ``line`` for text, not for an expression.
    :param ensure_newline: for v3's deploys. A last line that has no line end always gets one first: without it,
        what is appended would not be a line.
    :param extended_regex: expressions are extended ones, as with ``grep -E``: ``+``, ``?``, ``(a|b)``.
    :raises OperationValueError: ``replace`` holds a line end.

    ::

        files.line(path="/etc/ssh/sshd_config", line="^#*PermitRootLogin ", replace="PermitRootLogin no")
        files.line(path="/etc/hosts", line="^10\\.0\\.0\\.7 ", present=False)
    """
    editor = edits.Editor(path, backup, interpolate_variables, extended_regex)
    groups = regex.refers_to_groups(replace or "")
    pattern = regex.whole_line(line, escaped=escape_regex_characters, extended=extended_regex, group=not groups)
    if replace and "\n" in replace:
        raise OperationValueError("`replace` is one line, and cannot hold a line end", hint="files.block has many")
    found = editor.find(pattern)
    if not present:
        if found:
            yield from edits.line_changes(found, None)
            yield from editor.run(regex.delete_script(pattern, flags, variables=interpolate_variables))
        else:
            current_host.get().noop(f"{path} has no such line")
    elif not found and groups:
        current_host.get().noop(f"no line of {path} matches, and the replacement means nothing without one")
    elif not found:
        text = regex.unescaped(replace or "") or (line if escape_regex_characters else regex.without_anchors(line))
        yield from _append(editor, text, exists=found is not None, replace=replace)
    elif replace and not all(old == replace for old in found):
        yield from _replace(editor, pattern, found, replace, flags)
    else:
        current_host.get().noop(f"{path} has the line")


def _replace(
    editor: edits.Editor, pattern: str, found: list[str], replace: str, flags: Sequence[str] | None
) -> Steps:  # fmt: skip
    script = regex.substitute_script(pattern, replace, flags, variables=editor.interpolate_variables)
    # What sed makes of groups and variables, only sed can tell.
    certain = not editor.interpolate_variables and "\\" not in replace
    if not certain and editor.changes(script) is False:
        current_host.get().noop(f"the lines of {editor.path} are as they should be")
        return
    yield from edits.line_changes(found, replace)
    yield from editor.run(script)


def _append(editor: edits.Editor, text: str, *, exists: bool, replace: str | None) -> Steps:
    """Append a line, unless it is there although the pattern did not find it."""
    path = editor.path
    if exists and (replace or not regex.is_literal(text)) and _has_line(editor, text, replace):
        current_host.get().noop(f"{path} has the line")
        return
    yield Change("line", None, text)
    if diffs.wanted():
        before = diffs.file_text(path) if exists else None
        yield Diff(path, before, f"{before or ''}{text}\n")
    file = path_word(path)
    saved = edits.backup_path(path, editor.backup) if exists else None
    keep: list[Word] = ["cp", "-p", path_word(path), path_word(saved), Raw("&&")] if saved else []
    yield sh(
        *keep, Raw("{ [ ! -s"), file, Raw('] || [ -z "$(tail -c 1'), file, Raw(')" ] || echo; printf'), "%s\\n",
        editor.word(text), Raw("; } >>"), file,
    )  # fmt: skip


def _has_line(editor: edits.Editor, text: str, replace: str | None) -> bool:
    if editor.interpolate_variables:
        return bool(editor.find(f"^{text}$"))
    # An earlier run may have put there what sed makes of the replacement.
    made = regex.unescaped(replace, r"\\") if replace else text
    found = set(editor.find(regex.exact_line(f"{text}\n{made}", editor.extended_regex)) or ())
    return made in found or set(text.split("\n")) <= found
