"""What the text of a deploy's file says about its code: the syntax of each function, and what binds each name."""

from __future__ import annotations

import ast
import functools
import linecache
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

#: Methods that change a list, dict or set of Python itself, and nothing else.
GROWING = frozenset({"append", "extend", "insert", "add", "update", "setdefault"})

_NEW = (
    ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp,
    ast.BinOp,
)  # fmt: skip
_NEW_BY_CALL = ("dict", "list", "set", "sorted")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class SourceFile:
    """One file.

    :ivar codes: everything it is compiled to.
    :ivar bound: how often each name is bound in it, anywhere and by whatever.
    :ivar stored: names that are assigned to, by loops and comprehensions too.
    :ivar outer: names that functions declare ``global`` or ``nonlocal``.
    :ivar imported: names of what is imported.
    :ivar own: names that only ever stand for an object that was made where they were assigned.
    """

    tree: ast.Module
    codes: frozenset[CodeType]
    functions: dict[tuple[str, int], ast.FunctionDef]
    bound: Counter[str]
    stored: frozenset[str]
    outer: frozenset[str]
    imported: frozenset[str]
    own: frozenset[str]

    def body(self, code: CodeType) -> list[ast.stmt] | None:
        """Return the statements that a piece of its code was compiled from; none for lambdas and the like."""
        if code.co_name == "<module>":
            return self.tree.body
        function = self.functions.get((code.co_name, code.co_firstlineno))
        return function.body if function is not None else None

    def function_named(self, name: str) -> CodeType | None:
        """Return the code of a function that is defined once, without decorators, at the top of the file."""
        found = [node for node in self.tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
        if len(found) != 1 or self.bound[name] != 1 or found[0].decorator_list:
            return None
        place = (name, found[0].lineno)
        return next((code for code in self.codes if (code.co_name, code.co_firstlineno) == place), None)


def source_of(code: CodeType) -> SourceFile | None:
    """Return the file that code was compiled from; ``None`` if it cannot be read, or is another one by now."""
    linecache.checkcache(code.co_filename)
    file = _analysed(code.co_filename, "".join(linecache.getlines(code.co_filename)))
    return file if file is not None and code in file.codes else None


@functools.lru_cache(maxsize=256)
def _analysed(filename: str, text: str) -> SourceFile | None:
    if not text:
        return None
    try:
        tree = ast.parse(text)
        codes = frozenset(_within(compile(text, filename, "exec", dont_inherit=True)))
    except (SyntaxError, ValueError, RecursionError):
        return None
    nodes = list(ast.walk(tree))
    bound = Counter(name for node in nodes for name in _bound_by(node))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    outer = {name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    new = Counter(name for node in nodes for name in _made_by(node))
    parameters = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own = {name for name in new if new[name] == bound[name]} - parameters - outer
    imported = {name for node in nodes if isinstance(node, ast.alias) for name in _bound_by(node)}
    return SourceFile(
        tree, codes, _functions(nodes), bound, frozenset(stored), frozenset(outer), frozenset(imported), frozenset(own)
    )


def _within(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _within(constant)


def _functions(nodes: list[ast.AST]) -> dict[tuple[str, int], ast.FunctionDef]:
    """Return functions by name and first line, which is that of the first decorator."""
    return {
        (node.name, min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])): node
        for node in nodes
        if isinstance(node, ast.FunctionDef)
    }


def _bound_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(ctx=ast.Store() | ast.Del()):
            yield node.id
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.alias():
            yield node.asname or node.name.partition(".")[0]
        case ast.ExceptHandler(name=str()) | ast.MatchAs(name=str()) | ast.MatchStar(name=str()):
            yield str(node.name)
        case ast.MatchMapping(rest=str()):
            yield str(node.rest)


def _made_by(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement makes stand for a new object, or lets grow in place."""
    match node:
        case ast.Assign(targets=[ast.Name() as target]) if _is_new(node.value):
            yield target.id
        case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value) if _is_new(value):
            yield target.id
        case ast.AugAssign(target=ast.Name() as target):
            yield target.id


def _is_new(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in _NEW_BY_CALL
    return isinstance(value, _NEW)
