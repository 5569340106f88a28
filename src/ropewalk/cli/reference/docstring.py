"""Takes docstrings apart: text, parameters, errors, examples."""

from __future__ import annotations

import inspect
import re
import textwrap
from dataclasses import dataclass, field

_FIELD = re.compile(r":(param|raises|cvar|ivar|returns?)\s*([^:]*):\s*(.*)")
_ROLE = re.compile(r":\w+:`~?([^`]+)`")


@dataclass(slots=True)
class Doc:
    """What a docstring says.

    :ivar text: its paragraphs; the first one is the summary.
    :ivar parameters: name -> what it is.
    :ivar errors: name of an exception, and when it is raised.
    :ivar examples: the literal blocks.
    """

    text: list[str] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """The first sentence or two, in one line."""
        return self.text[0] if self.text else ""


def parse(docstring: str | None) -> Doc:
    """Take a docstring apart.

    >>> parse("Do it.\\n\\n:param x: how.\\n\\n::\\n\\n    do(x=1)").examples
    ['do(x=1)']
    """
    doc = Doc()
    for block in _blocks(inspect.cleandoc(docstring or "")):
        if block[0].startswith(" "):
            _add_example(doc, block)
        elif _FIELD.match(block[0]):
            _add_fields(doc, block)
        else:
            doc.text += _paragraphs(block)
    return doc


def plain(text: str) -> str:
    """Return text with code in single backquotes, whatever its role.

    >>> plain("see :class:`Kernel` and ``x``")
    'see `Kernel` and `x`'
    """
    return _ROLE.sub(r"`\1`", text).replace("``", "`")


def _blocks(text: str) -> list[list[str]]:
    """Split text at empty lines; what is indented stays together."""
    blocks: list[list[str]] = []
    for part in re.split(r"\n\s*\n", text):
        lines = part.split("\n")
        if not part.strip():
            continue
        if blocks and lines[0].startswith(" ") and blocks[-1][0].startswith(" "):
            blocks[-1] += ["", *lines]
        else:
            blocks.append(lines)
    return blocks


def _paragraphs(block: list[str]) -> list[str]:
    """Return a block of text in one line; a list in one line for each item."""
    text = re.sub(r"\n(?!- )\s*", " ", "\n".join(block))
    text = re.sub(r"(\S)::$", r"\1:", text).removesuffix("::").rstrip()
    return [plain(item) for item in text.split("\n") if item]


def _add_example(doc: Doc, block: list[str]) -> None:
    doc.examples.append(textwrap.dedent("\n".join(block)))


def _add_fields(doc: Doc, block: list[str]) -> None:
    fields: list[tuple[str, str, str]] = []
    for line in block:
        if match := _FIELD.match(line):
            fields.append((match[1], match[2].strip(), match[3]))
        else:
            kind, name, text = fields[-1]
            fields[-1] = (kind, name, f"{text} {line.strip()}")
    for kind, name, text in fields:
        if kind == "param":
            doc.parameters |= {part.strip().lstrip("*"): plain(text) for part in name.split(",")}
        elif kind == "raises":
            doc.errors.append((name, plain(text)))
        elif kind.startswith("return"):
            doc.text.append(plain(f"Returns {text}"))
