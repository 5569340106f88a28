"""Reads shell script: the part of POSIX's grammar in which the engine writes to a shell, and no more.

What is not understood is an error (:class:`NotUnderstood`), never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ropewalk.model.record import record


class NotUnderstood(Exception):
    """This is more shell than is understood here."""


class Incomplete(Exception):
    """The text ends where more must come."""


@record
class Variable:
    """``$name``, ``$?`` or ``$$``."""

    name: str


@record
class Substitution:
    """``$(...)``."""

    body: tuple[Node, ...]


#: Text, and what stands for text, one after the other.
Word = tuple[str | Variable | Substitution, ...]


@dataclass(slots=True)
class Redirect:
    """``8<<'END'``, ``2>/dev/null``, ``>&2``; what a here-document holds is known when its line has ended."""

    descriptor: int
    operator: str
    target: Word
    body: str = ""


@record
class Simple:
    """A command of words, with the variables set before it."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@record
class Group:
    """``( ... )`` or ``{ ...; }``."""

    body: tuple[Node, ...]
    subshell: bool
    redirects: tuple[Redirect, ...]


@record
class If:
    """``if ...; then ...; else ...; fi``."""

    condition: tuple[Node, ...]
    then: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@record
class Case:
    """``case word in a|b) ...;; esac``, where patterns are plain text or ``*``."""

    word: Word
    branches: tuple[tuple[tuple[str, ...], tuple[Node, ...]], ...]


@record
class AndOr:
    """Commands with ``&&`` and ``||`` between them: each but the first has the operator before it."""

    parts: tuple[tuple[str, Node], ...]


Node = Simple | Group | If | Case | AndOr

_BLANKS = re.compile(r"[ \t]*")
_PLAIN = re.compile(r"[^\s'\"\\$`;&|()<>]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[?$]")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_REDIRECT = re.compile(r"(\d*)(<<|<&|>&|<|>)")
_RESERVED = re.compile(r"(if|then|else|fi|case|esac|\{|\})(?=[\s;)]|$)")
_LINE_ENDS = re.compile(r"[ \t\n]*")


def lines(text: str) -> tuple[list[tuple[Node, ...]], str]:
    """Return the complete command lines at the beginning of a text, and the rest.

    :raises NotUnderstood: something is beyond this grammar.

    >>> commands, rest = lines("echo a; echo b\\necho 'not all")
    >>> len(commands[0]), rest
    (2, "echo 'not all")
    """
    parser, found = _Parser(text), []
    while parser.at < len(text):
        begin = parser.at
        try:
            found.append(parser.line())
        except Incomplete:
            return found, text[begin:]
    return found, ""


def program(text: str) -> tuple[Node, ...]:
    """Return the commands of a whole script.

    :raises NotUnderstood: something is beyond this grammar, or the script is not complete.
    """
    parsed, rest = lines(f"{text}\n")
    if rest.strip():
        raise NotUnderstood(rest)
    return tuple(node for line in parsed for node in line)


@dataclass(slots=True)
class _Parser:
    text: str
    at: int = 0
    _waiting: list[Redirect] = field(default_factory=list)

    def line(self) -> tuple[Node, ...]:
        found = self._list(until=("\n",))
        self._line_end()
        return found

    # -- lists and what is in them ----------------------------------------------------------------------

    def _list(self, until: tuple[str, ...]) -> tuple[Node, ...]:
        """Read commands up to one of these, which stays."""
        found: list[Node] = []
        while True:
            self._skip()
            while "\n" not in until and self._looks_at("\n"):
                self._line_end()
                self._skip()
            if any(self._looks_at(end) for end in until):
                return tuple(found)
            found.append(self._and_or())
            self._skip()
            if self._looks_at(";") and not self._looks_at(";;"):
                self.at += 1

    def _and_or(self) -> Node:
        parts = [("", self._command())]
        while True:
            self._skip()
            operator = self.text[self.at : self.at + 2]
            if operator not in ("&&", "||"):
                return parts[0][1] if len(parts) == 1 else AndOr(tuple(parts))
            self.at += 2
            self._skip()
            parts.append((operator, self._command()))

    def _command(self) -> Node:
        if self._looks_at("("):
            self.at += 1
            return self._group(")", subshell=True)
        reserved = _RESERVED.match(self.text, self.at)
        if reserved is None:
            return self._simple()
        self.at = reserved.end()
        if reserved[1] == "{":
            return self._group("}", subshell=False)
        if reserved[1] == "if":
            return self._if()
        if reserved[1] == "case":
            return self._case()
        raise NotUnderstood(self.text[reserved.start() :])

    def _group(self, end: str, *, subshell: bool) -> Group:
        body = self._list(until=(end,))
        self.at += 1
        redirects = []
        while (redirect := self._redirect()) is not None:
            redirects.append(redirect)
        return Group(body, subshell, tuple(redirects))

    def _if(self) -> If:
        condition = self._list(until=("then",))
        self._expect("then")
        then, otherwise = self._list(until=("else", "fi")), ()
        if self._looks_at("else"):
            self._expect("else")
            otherwise = self._list(until=("fi",))  # type: ignore[assignment]
        self._expect("fi")
        return If(condition, then, otherwise)

    def _case(self) -> Case:
        self._skip()
        word = self._word()
        branches: list[tuple[tuple[str, ...], tuple[Node, ...]]] = []
        self._skip()
        self._expect("in")
        while True:
            self.at = _LINE_ENDS.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self._looks_at("esac"):
                self._expect("esac")
                return Case(word, tuple(branches))
            end = self.text.find(")", self.at)
            if end < 0:
                raise Incomplete
            patterns = tuple(self.text[self.at : end].strip().split("|"))
            self.at = end + 1
            branches.append((patterns, self._list(until=(";;", "esac"))))
            if self._looks_at(";;"):
                self.at += 2

    # -- simple commands --------------------------------------------------------------------------------

    def _simple(self) -> Simple:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        begin = self.at
        while True:
            self._skip()
            redirect = self._redirect()
            if redirect is not None:
                redirects.append(redirect)
                continue
            found = _ASSIGNMENT.match(self.text, self.at) if not words else None
            if found is not None:
                self.at = found.end()
                assignments.append((found[1], self._word()))
                continue
            word = self._word()
            if not word:
                break
            words.append(word)
        if self.at == begin:
            raise NotUnderstood(self.text[begin:]) if begin < len(self.text) else Incomplete
        return Simple(tuple(assignments), tuple(words), tuple(redirects))

    def _redirect(self) -> Redirect | None:
        self._skip()
        found = _REDIRECT.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        self._skip()
        made = Redirect(int(found[1] or (0 if found[2][0] == "<" else 1)), found[2], self._word())
        if made.operator == "<<":
            self._waiting.append(made)
        return made

    def _word(self) -> Word:
        """Read a word; ``()`` where there is none. An empty one is one of the text ``""``."""
        parts: list[str | Variable | Substitution] = []
        while self.at < len(self.text):
            plain = _PLAIN.match(self.text, self.at)
            if plain is not None:
                self.at = plain.end()
                parts.append(plain[0])
                continue
            character = self.text[self.at]
            if character == "'":
                parts.append(self._up_to("'"))
            elif character == '"':
                self.at += 1
                parts += self._quoted()
            elif character == "\\":
                parts.append(self.text[self.at + 1 : self.at + 2])
                self.at += 2
            elif character == "$":
                parts.append(self._expansion())
            elif character == "`":
                raise NotUnderstood(self.text[self.at :])
            else:
                break
        else:
            raise Incomplete
        return _joined(parts)

    def _quoted(self) -> list[str | Variable | Substitution]:
        parts: list[str | Variable | Substitution] = [""]
        while True:
            if self.at >= len(self.text):
                raise Incomplete
            character = self.text[self.at]
            if character == '"':
                self.at += 1
                return parts
            if character == "$":
                parts.append(self._expansion())
            elif character == "\\" and self.text[self.at + 1 : self.at + 2] in ('"', "\\", "$", "`"):
                parts.append(self.text[self.at + 1])
                self.at += 2
            elif character == "`":
                raise NotUnderstood(self.text[self.at :])
            else:
                parts.append(character)
                self.at += 1

    def _expansion(self) -> str | Variable | Substitution:
        if self.text.startswith("$(", self.at):
            self.at += 2
            body = self._list(until=(")",))
            self.at += 1
            return Substitution(body)
        name = _NAME.match(self.text, self.at + 1)
        if name is None:
            raise NotUnderstood(self.text[self.at :])
        self.at = name.end()
        return Variable(name[0])

    # -- characters -------------------------------------------------------------------------------------

    def _up_to(self, end: str) -> str:
        close = self.text.find(end, self.at + 1)
        if close < 0:
            raise Incomplete
        begin, self.at = self.at + 1, close + 1
        return self.text[begin:close]

    def _skip(self) -> None:
        self.at = _BLANKS.match(self.text, self.at).end()  # type: ignore[union-attr]
        if self.at >= len(self.text):
            raise Incomplete

    def _looks_at(self, end: str) -> bool:
        if not self.text.startswith(end, self.at):
            return False
        return not end.isalpha() or not self.text[self.at + len(end) : self.at + len(end) + 1].isalnum()

    def _expect(self, word: str) -> None:
        if not self._looks_at(word):
            raise NotUnderstood(self.text[self.at :])
        self.at += len(word)

    def _line_end(self) -> None:
        """Pass the end of a line, and the here-documents that follow it."""
        self.at += 1
        for redirect in self._waiting:
            delimiter = f"{redirect.target[0]}\n"
            end = self.at if self.text.startswith(delimiter, self.at) else self.text.find(f"\n{delimiter}", self.at) + 1
            if not end and not self.text.startswith(delimiter, self.at):
                raise Incomplete
            redirect.body = self.text[self.at : end]
            self.at = end + len(delimiter)
        self._waiting.clear()


def _joined(parts: list[str | Variable | Substitution]) -> Word:
    """Return the parts with neighbouring texts as one."""
    found: list[str | Variable | Substitution] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return tuple(found)
