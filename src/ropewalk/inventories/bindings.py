"""Which top-level statement of a Python file gives a name its value, and on which line."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ropewalk.model.record import record


@record
class Binding:
    """The last statement that gives a name its value.

    :param imported: it is an import at the top level itself, not inside an ``if`` or a ``try``.
    """

    line: int
    imported: bool = False


@record
class Source:
    """The text of a Python file, parsed.

    :param bindings: top-level names; those that only ``import *`` makes are not among them.
    :param dynamic: there may be more names than those: ``import *``, or a function ``__getattr__``.
    """

    tree: ast.Module
    bindings: dict[str, Binding]
    dynamic: bool

    @classmethod
    def parse(cls, text: bytes, filename: str) -> Source:
        """Parse a file's text, whose encoding is UTF-8 or what a comment says (PEP 263); raises ``SyntaxError``.

        >>> source = Source.parse(b"import os\\nweb = []", "x.py")
        >>> source.bindings["web"]
        Binding(line=2, imported=False)
        """
        tree = ast.parse(text, filename)
        bound = {name: binding for statement in tree.body for name, binding in _bound_by(statement)}
        dynamic = bool({"*", "__getattr__"} & bound.keys())
        bound.pop("*", None)
        return cls(tree, bound, dynamic)

    def line_of_attribute(self, name: str) -> int | None:
        """Return the line of the first assignment to an attribute of this name (``config.NAME = ...``)."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store):
                return node.lineno
        return None


def _bound_by(statement: ast.stmt, *, nested: bool = False) -> Iterator[tuple[str, Binding]]:
    """Yield the names a statement binds, also in its blocks, but not in functions and classes."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name.split(".")[0], Binding(statement.lineno, imported=not nested)
    elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name, Binding(statement.lineno)
    else:
        for child in ast.iter_child_nodes(statement):
            yield from _bound_in(child)


def _bound_in(node: ast.AST) -> Iterator[tuple[str, Binding]]:
    if isinstance(node, ast.stmt):
        yield from _bound_by(node, nested=True)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id, Binding(node.lineno)
    elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        for child in ast.iter_child_nodes(node):
            yield from _bound_in(child)
