"""server.sysctl"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Unpack

from ropewalk import host
from ropewalk.api.operation import operation
from ropewalk.facts.server import Sysctl
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Step, Steps, joined, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.names import check_line, check_word
from ropewalk.operations.steps import or_noop
from ropewalk.operations.text_files import read_lines, rewritten


@operation()
def sysctl(
    key: str,
    value: str | int | Sequence[str | int],
    persist: bool = False,
    persist_file: str = "/etc/sysctl.conf",
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Set a parameter of the kernel.

    :param key: the parameter's name, such as `net.ipv4.ip_forward`.
    :param value: its value; a list for a parameter that has several.
    :param persist: write it to a file too, so that it holds after a restart.
    :param persist_file: that file. A line that sets the parameter is replaced.
    :raises OperationValueError: the name or the value does not fit on a line of that file.
    :raises OperationError: the file is not UTF-8 text; it is left alone.

    ::

        server.sysctl(name="Forward packets", key="net.ipv4.ip_forward", value=1, persist=True)
    """
    check_word("a kernel parameter", key)
    if key.startswith("-"):
        raise OperationValueError(f"{key!r} is not the name of a kernel parameter")
    wanted = as_text(value)
    check_line(f"the value of {key}", wanted)
    have = host.get_fact(Sysctl, keys=[key]).get(key)
    before = None if have is None else as_text(have)
    steps: list[Step] = []
    if before is None or before.split() != wanted.split():
        steps += [Change(key, before, wanted), sh("sysctl", joined(key, "=", wanted))]
    if persist:
        lines = read_lines(persist_file)
        steps += rewritten(persist_file, lines, setting(lines or [], key, wanted))
    yield from or_noop(steps, f"{key} is {wanted}")


def as_text(value: str | int | Sequence[str | int]) -> str:
    """Return a value as the kernel takes it: parts in a row."""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def setting(lines: Sequence[str], key: str, value: str) -> list[str]:
    """Return the lines of a sysctl.conf(5) file in which a key is set once: where it was set last, or at the end."""
    line = re.compile(r"\s*-?\s*" + re.escape(key) + r"\s*=(?P<value>.*)")
    found = [index for index, text in enumerate(lines) if line.fullmatch(text)]
    if not found:
        return [*lines, f"{key} = {value}"]
    last = found[-1]
    match = line.fullmatch(lines[last])
    same = match is not None and match["value"].split() == value.split()
    kept = [text for index, text in enumerate(lines) if index not in found[:-1]]
    kept[last - len(found) + 1] = lines[last] if same else f"{key} = {value}"
    return kept
