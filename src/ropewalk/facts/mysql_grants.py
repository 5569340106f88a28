"""Reads what ``SHOW GRANTS`` writes (MySQL and MariaDB, SHOW GRANTS; GRANT)."""

from __future__ import annotations

import re

# A quoted name or text, parentheses and commas, or anything else up to the next of these; a quote that is not closed.
_TOKEN = re.compile(r"`(?:[^`]|``)*`|'(?:[^'\\]|''|\\.)*'|\"(?:[^\"\\]|\"\"|\\.)*\"|[(),]|\s+|[^\s`'\"(),]+|.")


def read_grant(line: str) -> tuple[str, set[str]] | None:
    """Return what a line grants on what: the target as it is written, and privileges, ``GRANT OPTION`` among them.

    Roles and proxies, which are granted on nothing, are passed over.

    >>> read_grant("GRANT SELECT (`a`, `b`), INSERT ON `x`.`y` TO `u`@`h`")[0]
    '`x`.`y`'
    """
    tokens = _TOKEN.findall(line)
    words = [token.upper() for token in tokens]
    if words[:1] != ["GRANT"] or "ON" not in words or "TO" not in words:
        return None
    on = words.index("ON")
    to = words.index("TO", on)
    privileges = set(split_privileges("".join(tokens[1:on])))
    if privileges == {"PROXY"}:
        return None
    plain = " ".join(word for word in words[to:] if word.strip() and word[0] not in "`'\"")
    if "GRANT OPTION" in plain:
        privileges.add("GRANT OPTION")
    return "".join(tokens[on + 1 : to]).strip(), privileges


def split_privileges(text: str) -> list[str]:
    """Split a list of privileges at its commas, but not at those between columns.

    >>> split_privileges("SELECT (a, b), INSERT")
    ['SELECT (a, b)', 'INSERT']
    """
    found, depth = [""], 0
    for token in _TOKEN.findall(text):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token == "," and depth == 0:
            found.append("")
        else:
            found[-1] += token
    return [privilege.strip() for privilege in found if privilege.strip()]
