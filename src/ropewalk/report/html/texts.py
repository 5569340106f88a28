"""The texts of a report, each stored once, and cut so that all of them together keep to a size.

The same command on 500 hosts is one text. What does not fit is cut in its middle: all texts to the same length, which
the report states; those of failures are cut last.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ropewalk.report.text import clean

#: Bytes that all texts take together at most, and those of failures of them.
BUDGET, FAILURES = 4_500_000, 2_500_000
#: No text is longer than that many characters, however few there are.
LONGEST = 64_000
#: Texts up to this length are cut at their end: their middle is too near.
SHORT = 400


class Texts:
    """Numbers texts; :meth:`cut` then returns them in that order."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._important: set[int] = set()

    def number(self, text: str, *, important: bool = False) -> int:
        """Return the number of a text.

        :param important: it tells of a failure.
        """
        number = self._numbers.setdefault(text, len(self._numbers))
        if important:
            self._important.add(number)
        return number

    def cut(self) -> tuple[list[str], int | None]:
        """Return all texts as they are shown, and the length that they were cut to; ``None``: all are whole."""
        cleaned = [clean(text) for text in self._numbers]
        sizes = [encoded_size(text) for text in cleaned]
        others = [number for number in range(len(cleaned)) if number not in self._important]
        first = limit([sizes[number] for number in self._important], FAILURES)
        left = BUDGET - sum(min(sizes[number], first) for number in self._important)
        rest = limit([sizes[number] for number in others], left)
        shown, smallest = [], None
        for number, text in enumerate(cleaned):
            most = first if number in self._important else rest
            if sizes[number] > most or len(text) > LONGEST:
                length = min(most * len(text) // sizes[number], LONGEST)
                text, smallest = shortened(text, length), min(length, smallest or length)
            shown.append(text)
        return shown, smallest


def limit(sizes: Sequence[int], budget: int) -> int:
    """Return the largest size that each may have, so that together they keep to a budget.

    >>> limit([10, 100, 1000], 210)
    100
    >>> limit([1, 2], 100)
    100
    """
    left = budget
    for index, size in enumerate(sorted(sizes)):
        share = left // (len(sizes) - index)
        if size > share:
            return share
        left -= size
    return budget


def encoded_size(text: str) -> int:
    """Return how many bytes a text takes in the page."""
    if text.isascii() and text.isprintable() and "<" not in text and ">" not in text and "&" not in text:
        return len(text) + 2
    return len(encode(text).encode())


def encode(value: object) -> str:
    r"""Return JSON that no parser of HTML takes for anything else.

    >>> encode("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def shortened(text: str, length: int) -> str:
    """Return the head and the tail of a text, and how much was left out; of a short one, the head."""
    if length <= SHORT:
        return f"{text[:length]}[\u2026]"
    head = length * 2 // 3
    tail = length - head
    return f"{text[:head]}\n[\u2026 {len(text) - length} characters left out \u2026]\n{text[-tail:]}"
