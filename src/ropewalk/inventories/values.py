"""What words of the command line mean as values: ``--data k=v`` and the arguments of operations and facts.

========================================  =====================================================
``true``, ``false`` (in any case)         True, False
``80``, ``-1``                            whole numbers, if written as Python would write them
``0.5``                                   numbers with a point, likewise
``[...]``, ``{...}``, ``"..."`` in JSON   what JSON says; quotes thus make text of anything
everything else                           text, as it is
========================================  =====================================================

So ``1.10``, ``0022``, ``1_000``, ``1e3`` and ``null`` stay text: a version, a file mode or a name is not turned into
another one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from ropewalk.model.errors import UsageError


def parse_value(text: str) -> Any:
    """Return the value that a word of the command line means.

    >>> [parse_value(word) for word in ("80", "true", "1.10", "[1, 2]", '"80"')]
    [80, True, '1.10', [1, 2], '80']
    """
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,999})", text) and text != "-0":
        return int(text)
    if re.fullmatch(r"-?[0-9]+\.[0-9]+", text) and repr(float(text)) == text:
        return float(text)
    if text[:1] in ("[", "{", '"'):
        try:
            return json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return text
    return text


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def parse_data(words: Sequence[str]) -> dict[str, Any]:
    """Return the data that ``--data`` options give; the later one wins.

    :raises UsageError: a word is not ``key=value``.

    >>> parse_data(["port=80", "motd=a=b", "empty="])
    {'port': 80, 'motd': 'a=b', 'empty': ''}
    """
    return dict(_assignment(word) for word in words)


def parse_operation_arguments(words: Sequence[str]) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments and keyword arguments that words of the command line give an operation.

    ``name=value`` is a keyword argument if ``name`` can be one; everything else is an argument, so that
    ``server.shell 'test "$A" = b'`` is one command. A single word may be JSON: ``[[arguments], {keywords}]``.

    >>> parse_operation_arguments(["nginx", "latest=true"])
    (['nginx'], {'latest': True})
    >>> parse_operation_arguments(['[["nginx"], {"latest": true}]'])
    (['nginx'], {'latest': True})
    """
    if len(words) == 1:
        whole = parse_value(words[0])
        if _is_call(whole):
            return list(whole[0] or ()), dict(whole[1] or {})
    keywords = [word for word in words if _is_keyword(word)]
    return [parse_value(word) for word in words if not _is_keyword(word)], parse_data(keywords)


def parse_fact_arguments(words: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """Return the facts that words of the command line name, each with its keyword arguments.

    :raises UsageError: the first word is an argument, or a word is neither ``module.Fact`` nor ``key=value``.

    >>> parse_fact_arguments(["files.File", "path=/etc/hosts", "server.Users"])
    [('files.File', {'path': '/etc/hosts'}), ('server.Users', {})]
    """
    facts: list[tuple[str, dict[str, Any]]] = []
    for word in words:
        if "=" in word:
            if not facts:
                raise UsageError(
                    f"{word} comes before the fact it belongs to", hint="as in: files.File path=/etc/hosts"
                )
            facts[-1][1].update([_assignment(word)])
        elif re.fullmatch(r"[^\W\d]\w*([.:][^\W\d]\w*)+", word):
            facts.append((word, {}))
        else:
            raise UsageError(f"{word} is not a fact", hint="facts are module.Fact, arguments key=value")
    return facts


def _assignment(word: str) -> tuple[str, Any]:
    key, equals, value = word.partition("=")
    if not equals or not key:
        raise UsageError(f"{word!r} is not key=value", hint="as in port=80; an empty value is port=")
    return key, parse_value(value)


def _is_keyword(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


def _is_call(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    arguments, keywords = value
    return isinstance(arguments, list | None) and isinstance(keywords, dict | None)
