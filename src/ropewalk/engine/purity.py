"""Whether the code of a deploy can do anything between two operations that somebody could notice.

A function or file is looked at as a whole, as syntax: it must consist of assignments, conditions, loops, and calls
of operations, of deploys and functions of the same kind, and of functions of Python that compute a value. No value
may come in that is neither plain data nor ropewalk's own. Anything else, ``try`` among it, and operations are
carried out one call at a time.

The code of an operation is looked at likewise before it may run earlier than its turn, or more than once: then what
it reads of its file must not change either. Taken on trust are only values in host data and in facts: reading an
attribute of one, or calling a method that is named like one of ``str`` or ``dict``, is taken to compute something.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType, FrameType, FunctionType
from typing import Any

from ropewalk.api.context import current_config
from ropewalk.api.operation import Operation
from ropewalk.engine import harmless
from ropewalk.engine.failure import is_ours
from ropewalk.engine.imports import Tree, current_tree
from ropewalk.engine.source import GROWING, SourceFile, source_of

_STATEMENTS = (
    ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.If, ast.For, ast.Pass, ast.Break, ast.Continue,
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Return, ast.Global, ast.Nonlocal, ast.With,
    ast.Raise, ast.Assert,
)  # fmt: skip
_EXPRESSIONS = (
    ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.JoinedStr, ast.FormattedValue, ast.BinOp,
    ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Starred,
    ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.comprehension, ast.keyword, ast.expr_context,
    ast.operator, ast.cmpop, ast.boolop, ast.unaryop,
)  # fmt: skip
#: Config that operations read when they are evaluated, not when they are called.
_READ_LATE = ("DIFF", "DEFAULT_TEMP_DIR")
#: Keyword arguments of functions that compute a value with which they call a function.
_CALLING = ("key", "default", "cls")


def calls_only_operations(frame: FrameType | None = None) -> bool:
    """Say whether all user code that led to a call is of that kind.

    :param frame: where the call is made; by default, where this one is.
    """
    tree = current_tree.get()
    frame = frame or sys._getframe(1)
    while frame is not None:
        if not is_ours(frame.f_code.co_filename) and (tree is None or not _is_pure_frame(frame, tree)):
            return False
        frame = frame.f_back
    return tree is not None


def only_yields(function: Any) -> bool:
    """Say whether the code of an operation does nothing but read facts and yield: it may run early, or again."""
    if not isinstance(function, FunctionType):
        return False
    tree = current_tree.get()
    return is_ours(function.__code__.co_filename) or (
        tree is not None and function.__closure__ is None
        and _is_pure(function.__code__, function.__globals__, tree, delayed=True)
    )  # fmt: skip


def _is_pure_frame(frame: FrameType, tree: Tree) -> bool:
    code = frame.f_code
    if code.co_freevars:
        values = frame.f_locals
        if not all(harmless.is_plain(values.get(name)) for name in code.co_freevars):
            return False
    return _is_pure(code, frame.f_globals, tree, delayed=False)


def _is_pure(code: CodeType, names: Mapping[str, Any], tree: Tree, *, delayed: bool) -> bool:
    """Look at code once; ``delayed``: it is an operation's, which may run later or again."""
    known = tree.pure.get((id(code), delayed))
    if known is not None:
        return known[1]
    before = set(tree.pure)
    tree.pure[id(code), delayed] = (code, True)  # while it is looked at: functions may call each other
    verdict = _judge(code, names, tree, delayed)
    if not verdict:
        for key in set(tree.pure) - before:  # what was found out since may rest on that
            del tree.pure[key]
    tree.pure[id(code), delayed] = (code, verdict)
    return verdict


@dataclass(frozen=True)
class _Scope:
    """What a piece of code sees."""

    file: SourceFile
    names: Mapping[str, Any]
    local: frozenset[str]
    tree: Tree
    delayed: bool


def _judge(code: CodeType, names: Mapping[str, Any], tree: Tree, delayed: bool) -> bool:
    file = source_of(code)
    body = file.body(code) if file is not None else None
    if file is None or body is None:
        return False
    is_module = code.co_name == "<module>"
    local = frozenset() if is_module else frozenset((*code.co_varnames, *code.co_cellvars, *code.co_freevars))
    return _statements(body, _Scope(file, names, local, tree, delayed))


def _statements(nodes: list[ast.stmt], scope: _Scope) -> bool:
    return all(_statement(node, scope) for node in nodes)


def _statement(node: ast.stmt, scope: _Scope) -> bool:
    if not isinstance(node, _STATEMENTS):
        return False
    match node:
        case ast.FunctionDef():
            return _definition(node, scope)
        case ast.ClassDef():
            return _class_of_facts(node, scope)
        case ast.ImportFrom() if any(alias.name == "*" for alias in node.names):
            return False
        case ast.Assign():
            return _expression(node.value, scope) and all(_target(target, scope) for target in node.targets)
        case ast.AnnAssign():
            return (node.value is None or _expression(node.value, scope)) and _target(node.target, scope)
        case ast.AugAssign():
            return isinstance(node.target, ast.Name) and node.target.id in scope.file.own and _inside(node, scope)
        case ast.For():
            return _target(node.target, scope) and _inside(node, scope)
        case ast.With():
            return all(_opens_context(item, scope) for item in node.items) and _statements(node.body, scope)
    return _inside(node, scope)


def _inside(node: ast.stmt, scope: _Scope) -> bool:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            if not _statement(child, scope):
                return False
        elif isinstance(child, ast.expr) and not _expression(child, scope):
            return False
    return True


def _target(node: ast.expr, scope: _Scope) -> bool:
    """Say whether an assignment changes a name only, or the config of operations that are called later."""
    match node:
        case ast.Name():
            return True
        case ast.Tuple() | ast.List():
            return all(_target(element, scope) for element in node.elts)
        case ast.Starred():
            return _target(node.value, scope)
        case ast.Attribute(value=ast.Name()):
            config = harmless.stands_for(_look_up(node.value, scope), current_config)
            return config and node.attr not in _READ_LATE and not scope.delayed
    return False


def _definition(node: ast.FunctionDef, scope: _Scope) -> bool:
    """Say whether defining a function does nothing else; its body is looked at when it is called."""
    annotations = [node.returns, *(argument.annotation for argument in _parameters(node.args))]
    calls = any(isinstance(part, ast.Call) for given in annotations if given is not None for part in ast.walk(given))
    return not calls and _defaults(node.args, scope) and all(_decorator(part, scope) for part in node.decorator_list)


def _parameters(given: ast.arguments) -> list[ast.arg]:
    further = [argument for argument in (given.vararg, given.kwarg) if argument is not None]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *further]


def _defaults(given: ast.arguments, scope: _Scope) -> bool:
    return all(_expression(default, scope) for default in (*given.defaults, *given.kw_defaults) if default is not None)


def _decorator(node: ast.expr, scope: _Scope) -> bool:
    if not isinstance(node, ast.Call) or not harmless.decorates(_look_up(node.func, scope)):
        return False
    return all(_expression(part, scope) for part in (*node.args, *node.keywords))


def _class_of_facts(node: ast.ClassDef, scope: _Scope) -> bool:
    bases = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
    if node.decorator_list or node.keywords or not bases:
        return False
    if not all(harmless.is_base_of_facts(_look_up(base, scope)) for base in bases):
        return False
    return all(_part_of_class(part, scope) for part in node.body)


def _part_of_class(node: ast.stmt, scope: _Scope) -> bool:
    if isinstance(node, ast.FunctionDef):
        return _is_method(node, scope)
    return isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr | ast.Pass) and _statement(node, scope)


def _is_method(node: ast.FunctionDef, scope: _Scope) -> bool:
    names = [part.id if isinstance(part, ast.Name) else None for part in node.decorator_list]
    return all(name in ("staticmethod", "classmethod", "property") for name in names) and _defaults(node.args, scope)


def _opens_context(item: ast.withitem, scope: _Scope) -> bool:
    call = item.context_expr
    if item.optional_vars is not None or not isinstance(call, ast.Call):
        return False
    return harmless.opens_context(_look_up(call.func, scope)) and _arguments(call, scope)


def _expression(node: ast.AST, scope: _Scope) -> bool:
    match node:
        case ast.Name(ctx=ast.Load()):
            return _name(node.id, scope)
        case ast.Lambda():
            return _defaults(node.args, scope)
        case ast.Call():
            return _call(node, scope)
        case ast.Attribute():
            value = _look_up(node, scope)
            if scope.delayed and harmless.stands_for(_look_up(node.value, scope), current_config):
                return False
            return harmless.is_plain(value) if value is not harmless.MISSING else _expression(node.value, scope)
        case ast.Yield() | ast.YieldFrom():
            return scope.delayed and (node.value is None or _expression(node.value, scope))
    return isinstance(node, _EXPRESSIONS) and all(_expression(child, scope) for child in ast.iter_child_nodes(node))


def _name(name: str, scope: _Scope) -> bool:
    """Say whether what a name stands for may come in."""
    if name in scope.local:
        return name not in scope.file.outer and name not in scope.file.imported
    if name in scope.file.outer:
        return False
    if name in scope.names:
        value = scope.names[name]
        if scope.delayed and not (harmless.is_fixed(value) and scope.file.bound[name] <= 1):
            return False
        return harmless.is_plain(value)
    if scope.delayed:  # not there yet, or one of Python's own
        return not scope.file.bound[name]
    return name in scope.file.stored or scope.file.function_named(name) is not None or hasattr(builtins, name)


def _call(node: ast.Call, scope: _Scope) -> bool:
    value = _look_up(node.func, scope)
    if value is harmless.MISSING:
        return _arguments(node, scope) and (_method(node.func, scope) or _later_function(node.func, scope))
    if harmless.computes(value):
        calling = any(isinstance(part, ast.Lambda) for part in node.args) or any(
            keyword.arg in _CALLING for keyword in node.keywords
        )
        return not calling and _arguments(node, scope)
    return _callee(value, scope) and _arguments(node, scope)


def _arguments(node: ast.Call, scope: _Scope) -> bool:
    return all(_expression(part, scope) for part in (*node.args, *node.keywords))


def _callee(value: Any, scope: _Scope) -> bool:
    """Say whether what is called is an operation, or cannot do anything that could be noticed."""
    if isinstance(value, Operation):
        return not scope.delayed
    if harmless.only_looks_up(value):
        return True
    inner = getattr(value, "_inner", None) if isinstance(value, FunctionType) else None
    function = inner if inner is not None and is_ours(value.__code__.co_filename) else value
    if not isinstance(function, FunctionType):
        return False
    if is_ours(function.__code__.co_filename):
        return scope.delayed and function.__module__.startswith("ropewalk.operations.")
    if function.__closure__ is not None:
        return False
    return _is_pure(function.__code__, function.__globals__, scope.tree, delayed=scope.delayed)


def _method(node: ast.expr, scope: _Scope) -> bool:
    """Say whether this is a method of a plain value."""
    if not isinstance(node, ast.Attribute) or not _expression(node.value, scope):
        return False
    if node.attr in harmless.METHODS:
        return True
    return isinstance(node.value, ast.Name) and node.value.id in scope.file.own and node.attr in GROWING


def _later_function(node: ast.expr, scope: _Scope) -> bool:
    """Say whether this is a function that the file has yet to define, and will define once."""
    if not isinstance(node, ast.Name) or node.id in scope.local or node.id in scope.names:
        return False
    code = scope.file.function_named(node.id)
    return code is not None and _is_pure(code, scope.names, scope.tree, delayed=scope.delayed)


def _look_up(node: ast.expr, scope: _Scope) -> Any:
    """Return what a dotted name stands for, if it stands for one thing only; else ``MISSING``."""
    if isinstance(node, ast.Attribute):
        value = _look_up(node.value, scope)
        return value if value is harmless.MISSING else harmless.attribute_of(value, node.attr)
    if not isinstance(node, ast.Name) or node.id in scope.local or node.id in scope.file.stored:
        return harmless.MISSING
    if node.id in scope.file.outer or scope.file.bound[node.id] > 1:
        return harmless.MISSING
    if node.id in scope.names:
        return scope.names[node.id]
    if scope.file.bound[node.id]:
        return harmless.MISSING
    return getattr(builtins, node.id, harmless.MISSING)
