"""Whether the code of a deploy can do anything between two operations that somebody could notice.

A function or file is looked at as a whole, as syntax: it must consist of assignments, conditions, loops, and calls
of operations, of deploys and functions of the same kind, and of a few functions of Python that compute a value.
Anything else, ``try`` and ``with`` among it, and operations are carried out one call at a time.
"""

from __future__ import annotations

import ast
import builtins
import functools
import linecache
import sys
from dataclasses import dataclass, field
from types import CodeType, FrameType, FunctionType
from typing import Any

import ropewalk
from ropewalk.api.operation import Operation
from ropewalk.engine.failure import is_ours
from ropewalk.engine.imports import current_tree

_STATEMENTS = (
    ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.If, ast.For, ast.Pass, ast.Break, ast.Continue,
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Return, ast.Global, ast.Nonlocal,
)  # fmt: skip
_EXPRESSIONS = (
    ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.JoinedStr, ast.FormattedValue, ast.BinOp,
    ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Starred,
    ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.comprehension, ast.keyword,
)  # fmt: skip
_HARMLESS = tuple(
    getattr(builtins, name)
    for name in ("bool", "dict", "enumerate", "float", "frozenset", "int", "isinstance", "len", "list", "max", "min",
                 "range", "reversed", "round", "set", "sorted", "str", "sum", "tuple", "zip", "abs", "any", "all")
)  # fmt: skip
#: Methods of ropewalk's own objects that only look something up (or have waiting operations carried out first).
_OURS = frozenset({"Host.loop", "Host.get_fact", "HostData.get", "HostData.dict", "Inventory.get_host",
                   "Inventory.get_group", "include", "deploy", "operation"})  # fmt: skip


def calls_only_operations() -> bool:
    """Say whether all user code that led to the current call is of that kind."""
    tree = current_tree.get()
    if tree is None:
        return False
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not is_ours(frame.f_code.co_filename) and not _is_pure(frame.f_code, frame.f_globals, tree.pure):
            return False
        frame = frame.f_back
    return True


def _is_pure(code: CodeType, names: dict[str, Any], known: dict[CodeType, bool]) -> bool:
    verdict = known.get(code)
    if verdict is None:
        known[code] = True  # while it is looked at: functions may call each other
        verdict = known[code] = _judge(code, _Scope(names, known))
    return verdict


@dataclass
class _Scope:
    """The names that a piece of code sees: those it shares with its file, and those whose value may change."""

    names: dict[str, Any]
    known: dict[CodeType, bool]
    changing: set[str] = field(default_factory=set)


def _judge(code: CodeType, scope: _Scope) -> bool:
    tree = _parsed(code.co_filename, "".join(linecache.getlines(code.co_filename)))
    body = _body(code, tree) if tree is not None else None
    if tree is None or body is None:
        return False
    scope.changing = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    if code.co_name != "<module>":
        scope.changing |= {*code.co_varnames, *code.co_freevars, *code.co_cellvars}
    return all(_statement(statement, scope) for statement in body)


def _statement(node: ast.stmt, scope: _Scope) -> bool:
    if not isinstance(node, _STATEMENTS) or not _assigns_names_only(node, scope):
        return False
    if isinstance(node, ast.FunctionDef):  # its body runs when it is called, and is looked at then
        return all(_expression(part, scope) for part in (*node.decorator_list, *node.args.defaults))
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            if not _statement(child, scope):
                return False
        elif isinstance(child, ast.expr) and not _expression(child, scope):
            return False
    return True


def _assigns_names_only(node: ast.stmt, scope: _Scope) -> bool:
    """Say whether a statement leaves alone what an operation that waits may have been given: lists, dicts, objects."""
    if isinstance(node, ast.AugAssign):  # += changes a list where it is
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, int | float)
    targets = list(node.targets) if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    while targets:
        target = targets.pop()
        if isinstance(target, ast.Tuple | ast.List):
            targets = [*targets, *target.elts]
        elif isinstance(target, ast.Attribute):
            if _look_up(target.value, scope)[1] is not ropewalk.config:  # calls have read the config already
                return False
        elif target is not None and not isinstance(target, ast.Name):
            return False
    return True


def _expression(node: ast.AST, scope: _Scope) -> bool:
    if isinstance(node, ast.Lambda | ast.expr_context | ast.operator | ast.cmpop | ast.boolop | ast.unaryop):
        return True
    if isinstance(node, ast.Call):
        if not _callee(node.func, scope):
            return False
        return all(_expression(part, scope) for part in (*node.args, *node.keywords))
    if not isinstance(node, _EXPRESSIONS):
        return False
    return all(_expression(child, scope) for child in ast.iter_child_nodes(node))


def _callee(node: ast.expr, scope: _Scope) -> bool:
    """Say whether what is called is an operation, or cannot do anything that could be noticed."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Constant | ast.JoinedStr):
        return node.attr in ("format", "join", "replace", "split", "strip", "upper", "lower")
    found, value = _look_up(node, scope)
    if not found:
        return False
    if isinstance(value, Operation) or any(value is harmless for harmless in _HARMLESS):
        return True
    function = getattr(value, "__func__", value)
    module = getattr(function, "__module__", None) or ""  # methods of built-in types have none
    if module.startswith("ropewalk.") and function.__qualname__ in _OURS:
        return True
    function = getattr(function, "_inner", function)
    return isinstance(function, FunctionType) and _is_pure(function.__code__, function.__globals__, scope.known)


def _look_up(node: ast.expr, scope: _Scope) -> tuple[bool, Any]:
    """Return what a dotted name stands for, if it stands for something that the code does not change."""
    if isinstance(node, ast.Attribute):
        found, value = _look_up(node.value, scope)
        if not found:
            return False, None
        missing = object()
        value = getattr(value, node.attr, missing)
        return value is not missing, value
    if not isinstance(node, ast.Name) or node.id in scope.changing:
        return False, None
    if node.id in scope.names:
        return True, scope.names[node.id]
    return hasattr(builtins, node.id), getattr(builtins, node.id, None)


def _body(code: CodeType, tree: ast.Module) -> list[ast.stmt] | None:
    """Return the statements that a piece of code was compiled from."""
    if code.co_name == "<module>":
        return tree.body
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if code.co_firstlineno in (first, node.lineno):
                return node.body
    return None


@functools.lru_cache(maxsize=256)
def _parsed(_filename: str, text: str) -> ast.Module | None:
    try:
        return ast.parse(text) if text else None
    except SyntaxError:
        return None
