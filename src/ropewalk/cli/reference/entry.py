"""Gathers what there is to say about one operation or fact."""

from __future__ import annotations

import contextlib
import inspect
import re
import sys
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from ropewalk.api.fact import FactBase, ShortFactBase
from ropewalk.api.operation import Operation
from ropewalk.cli.reference.docstring import Doc, parse
from ropewalk.cli.reference.example import Runs, runs
from ropewalk.cli.reference.reach import facts_read
from ropewalk.cli.reference.spelling import annotation, spelled
from ropewalk.model.record import record


@record
class Parameter:
    """One parameter: its name (``*args``), type and default as Python writes them, and what it is."""

    name: str
    type: str
    default: str | None
    text: str


@record
class Entry:
    """What there is to say about an operation or fact.

    :ivar origin: the module of somebody else that it is imported from; empty for what ropewalk brings.
    :ivar notes: further sentences: what is not idempotent, what is out of date.
    :ivar facts: names of the facts that an operation may read.
    :ivar value: type of a fact's value, as Python writes it; empty for an operation.
    :ivar shapes: the dictionaries that are part of it: name -> keys and their types.
    :ivar default: what a fact gives where there is nothing to tell.
    :ivar program: the program without which a fact is the default.
    :ivar command: what a fact runs.
    :ivar operation: the operation itself, if it is one.
    """

    name: str
    kind: str
    doc: Doc
    parameters: tuple[Parameter, ...]
    notes: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    value: str = ""
    shapes: Mapping[str, Mapping[str, str]] | None = None
    default: str = ""
    program: str | None = None
    command: str = ""
    origin: str = ""
    operation: Operation[Any] | None = field(default=None, repr=False)

    @property
    def imported(self) -> str:
        """The line that imports it."""
        subject, _, name = self.name.rpartition(".")
        if self.origin:
            return f"from {self.origin} import {name}"
        if self.kind == "fact":
            return f"from ropewalk.facts.{subject} import {name}"
        return f"from ropewalk.operations import {subject.partition('.')[0]}"

    @property
    def call(self) -> str:
        """How it is called, with the defaults; an argument that must be given stands alone."""
        words = [p.name if p.default in (None, "...") else f"{p.name}={p.default}" for p in self.parameters]
        if self.kind == "operation":
            return f"{self.name}({', '.join(words)})"
        return f"host.get_fact({', '.join([self.name.rpartition('.')[2], *words])})"

    @property
    def preview(self) -> str:
        """The command line that shows what an operation would run on a host, applying nothing; empty for a fact."""
        if self.kind != "operation" or self.name.startswith("python."):
            return ""
        words = [f"{p.name}=..." for p in self.parameters if p.default is None]
        return " ".join(["ropewalk HOST", self.name, *words, "--dry -v"])

    @property
    def runs(self) -> Runs | None:
        """What an operation's example runs, if that can be seen without a host; those of others are not called."""
        return runs(self.name, self.operation, self.doc.examples) if self.operation and not self.origin else None


def entry_of(name: str, value: Any) -> Entry:
    """Return what there is to say about an operation, or the class of a fact, that is called ``name``."""
    module = value._inner.__module__ if isinstance(value, Operation) else value.__module__
    entry = _operation(name, value) if isinstance(value, Operation) else _fact(name, value)
    return entry if module.startswith("ropewalk.") else replace(entry, origin=module)


def _operation(name: str, operation: Operation[Any]) -> Entry:
    doc = parse(operation.__doc__)
    notes = []
    if operation.is_deprecated:
        notes.append(f"Out of date: use `{operation.deprecated_for}`." if operation.deprecated_for else "Out of date.")
    if operation.idempotent_notice:
        notes.append(operation.idempotent_notice)
    parameters = _parameters(operation._inner, doc.parameters)
    facts = tuple(sorted(facts_read(operation)))
    return Entry(name, "operation", doc, parameters, tuple(notes), facts, operation=operation)


def _fact(name: str, fact: type[Any]) -> Entry:
    doc = _fact_doc(fact)
    if issubclass(fact, ShortFactBase):
        whole = _fact(fact.fact.name, fact.fact)
        note = f"A part of `{fact.fact.name}`."
        value = annotation(fact.process_data, inspect.signature(fact.process_data).return_annotation)
        shapes = _shapes(value, fact)
        return Entry(name, "fact", doc, whole.parameters, (note,), value=value, shapes=shapes, program=whole.program)
    command = getattr(fact, "command", None)
    parameters = _parameters(command, doc.parameters) if callable(command) else ()
    value = _value_type(fact)
    given = {p.name: _stand_in(p) for p in parameters if p.default is None}
    return Entry(
        name,
        "fact",
        doc,
        parameters,
        value=value,
        shapes=_shapes(value, fact),
        default=repr(fact.default()),
        program=fact().requires_command(**given),
        command=_command(fact, given, parameters),
    )


def _fact_doc(fact: type[Any]) -> Doc:
    """Return what a fact's docstring says, and where it says nothing, those of the classes it is made of."""
    doc, *others = [parse(vars(cls).get("__doc__")) for cls in fact.__mro__ if _is_documented(cls)] or [Doc()]
    for other in others:
        doc.parameters = other.parameters | doc.parameters
        doc.errors = doc.errors or other.errors
        doc.examples = doc.examples or other.examples
    return doc


def _is_documented(cls: type[Any]) -> bool:
    return issubclass(cls, FactBase | ShortFactBase) and cls not in (FactBase, ShortFactBase)


def _parameters(function: Callable[..., Any], texts: Mapping[str, str]) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(_spelled(p), annotation(function, p.annotation), _default(p), texts.get(p.name, ""))
        for p in inspect.signature(function).parameters.values()
        if p.name not in ("self", "_")
    )


def _spelled(parameter: inspect.Parameter) -> str:
    sign = (
        "*" if parameter.kind is parameter.VAR_POSITIONAL else "**" if parameter.kind is parameter.VAR_KEYWORD else ""
    )
    return sign + parameter.name


def _default(parameter: inspect.Parameter) -> str | None:
    if parameter.default is parameter.empty:
        return "..." if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) else None
    return repr(parameter.default)


def _value_type(fact: type[Any]) -> str:
    """Return the type of a fact's value: what ``process`` returns, or else what the class says it is a fact of."""
    if fact.process is not FactBase.process:
        return annotation(fact.process, inspect.signature(fact.process).return_annotation)
    bases = [base for cls in fact.__mro__ for base in vars(cls).get("__orig_bases__", ())]
    return next((spelled(argument) for base in bases for argument in typing.get_args(base)), "str")


def _shapes(value: str, fact: type[Any]) -> dict[str, dict[str, str]]:
    """Return the dictionaries with fixed keys that a type names, also those within them."""
    found: dict[str, dict[str, str]] = {}
    pending = [(name, sys.modules[fact.__module__]) for name in re.findall(r"\w+", value)]
    while pending:
        name, module = pending.pop()
        shape = getattr(module, name, None)
        if not typing.is_typeddict(shape) or name in found:
            continue
        home = sys.modules[shape.__module__]
        found[name] = {key: spelled(type_) for key, type_ in shape.__annotations__.items()}
        pending += [(word, home) for text in found[name].values() for word in re.findall(r"\w+", text)]
    return found


def _stand_in(parameter: Parameter) -> Any:
    """Return what stands for a value that must be given: the name of the parameter in capitals."""
    several = re.match(r"(list|Sequence|Iterable|tuple|Collection)\[", parameter.type)
    return [parameter.name.upper()] if several else parameter.name.upper()


def _command(fact: type[Any], given: Mapping[str, Any], parameters: Sequence[Parameter]) -> str:
    """Return what a fact runs, with the names of its parameters in capitals where values will stand."""
    command = getattr(fact, "command", "")
    numbers = {p.name: 1 for p in parameters if p.name in given and p.type == "int"}
    # A fact may refuse a name for a number; one that refuses all such values shows no command.
    for values in (given, {**given, **numbers}):
        with contextlib.suppress(Exception):
            return str(fact().command(**values) if callable(command) else command)
    return ""
