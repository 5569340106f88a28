"""server.locale"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Unpack

from ropewalk import host
from ropewalk.api.operation import operation
from ropewalk.facts.server import Locales
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.names import check_word
from ropewalk.operations.text_files import read_lines, rewritten

_FILE = "/etc/locale.gen"


@operation()
def locale(locale: str, present: bool = True, **_: Unpack[GlobalArguments]) -> Steps:
    """Build a locale, or take it away (systems with `locale-gen`: Debian, Ubuntu, Arch).

    :param locale: its name, such as `en_GB.UTF-8`.
    :param present: whether it should be there.
    :raises OperationError: /etc/locale.gen does not list it.
    :raises OperationValueError: ``locale`` is not one word.

    ::

        server.locale(name="Speak Portuguese", locale="pt_BR.UTF-8")
    """
    check_word("a locale", locale)
    exists = normal(locale) in {normal(name) for name in host.get_fact(Locales)}
    if exists is present:
        host.noop(f"locale {locale} {'exists' if exists else 'does not exist'}")
        return
    before = read_lines(_FILE)
    after = chosen(before or [], locale, present)
    if after is None:
        raise OperationError(f"{_FILE} has no line for the locale {locale}", hint="see /usr/share/i18n/SUPPORTED")
    yield from rewritten(_FILE, before, after)
    yield sh("locale-gen")


def normal(locale: str) -> str:
    """Return a locale's name with its character set as locale(1) may also spell it: ``en_GB.utf8``."""
    name, dot, charset = locale.partition(".")
    return name + dot + re.sub(r"[^a-z0-9@]", "", charset.lower())


def chosen(lines: Sequence[str], locale: str, present: bool) -> list[str] | None:
    """Return the lines of a locale.gen file that choose a locale or do not; ``None`` when none of them is about it."""
    pattern = re.compile(r"[#\s]*(" + re.escape(locale) + r"\s+\S+.*)")
    if not any(pattern.fullmatch(line) for line in lines):
        return None
    mark = "" if present else "# "
    return [mark + match[1] if (match := pattern.fullmatch(line)) else line for line in lines]
