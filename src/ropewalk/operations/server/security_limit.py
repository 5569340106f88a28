"""server.security_limit"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.operations.names import check_word
from ropewalk.operations.steps import or_noop
from ropewalk.operations.text_files import read_lines, rewritten

_FILE = "/etc/security/limits.conf"


@operation()
def security_limit(domain: str, limit_type: str, item: str, value: int, **_: Unpack[GlobalArguments]) -> Steps:
    """Set a limit on what users may use, in /etc/security/limits.conf (limits.conf(5)).

    :param domain: whom it is for: a user, `@group`, or `*` for everybody.
    :param limit_type: `hard`, `soft`, or `-` for both.
    :param item: what is limited, such as `nofile` or `nproc`.
    :param value: the limit, in the item's unit.
    :raises OperationValueError: one of these is not one word.
    :raises OperationError: the file is not UTF-8 text; it is left alone.

    ::

        server.security_limit(
            name="Let nginx open many files", domain="nginx", limit_type="soft", item="nofile", value=65536
        )
    """
    for what, word in (("domain", domain), ("limit_type", limit_type), ("item", item), ("value", str(value))):
        check_word(f"server.security_limit: {what}", word)
    before = read_lines(_FILE)
    after = limited(before or [], (domain, limit_type, item), str(value))
    yield from or_noop(rewritten(_FILE, before, after), f"{domain} {limit_type} {item} is {value}")


def limited(lines: Sequence[str], limit: tuple[str, str, str], value: str) -> list[str]:
    """Return the lines in which a limit is set once: where it was set last, or at the end."""
    found = [index for index, line in enumerate(lines) if tuple(line.partition("#")[0].split()[:3]) == limit]
    if found and lines[found[-1]].partition("#")[0].split()[3:] == [value]:
        return [line for index, line in enumerate(lines) if index not in found[:-1]]
    wanted = "\t".join((*limit, value))
    kept = [wanted if found and index == found[-1] else line for index, line in enumerate(lines)]
    return [line for index, line in enumerate(kept) if index not in found[:-1]] + ([] if found else [wanted])
