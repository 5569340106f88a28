"""Variables that refer to others: ``"{{ name }}.example.com"``. They are worked out when they are used, as in Ansible.

Jinja's own filters and tests are known, and ``lookup("env", NAME)``; facts, and what else Ansible adds, are not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from ropewalk.inventories.ansible.truth import is_true
from ropewalk.inventories.ansible.vault import Opened, kept_secret
from ropewalk.model.deferred import Deferred
from ropewalk.model.errors import InventoryError
from ropewalk.model.v3command import MaskString

_under_way: ContextVar[tuple[tuple[int, int], ...]] = ContextVar("under_way", default=())

#: Returns what is known besides a host's own data (``groups``, ``hostvars`` ...), given the name of the host.
World = Callable[[str], Mapping[str, Any]]


class Unsafe(str):
    """Text that is no template, whatever it looks like (``!unsafe``)."""

    __slots__ = ()


class Template(Deferred):
    """A variable with ``{{ }}`` in it.

    :param value: text, or a list or mapping with such texts in it.
    :param where: where it is written, for messages.
    :param world: says what is known besides the host's own data.
    """

    def __init__(self, value: Any, where: str, world: World) -> None:
        self.value, self.where, self.world = value, where, world

    def resolve(self, data: Any) -> Any:
        with self._once(data):
            return kept_secret(self._resolved(self.value, data))

    @contextmanager
    def _once(self, data: Any) -> Iterator[None]:
        key, inside = (id(self), id(data)), _under_way.get()
        if key in inside:
            raise InventoryError(f"{self!r} refers to itself", where=self.where)
        token = _under_way.set((*inside, key))
        try:
            yield
        finally:
            _under_way.reset(token)

    def _resolved(self, value: Any, data: Any) -> Any:
        if isinstance(value, Opened):
            return self._resolved(value.value, data)
        if isinstance(value, Deferred):
            return value.resolve(data)
        if isinstance(value, list):
            return [self._resolved(item, data) for item in value]
        if isinstance(value, dict):
            return {key: self._resolved(item, data) for key, item in value.items()}
        return self._text(value, data) if is_template(value) else value

    def _text(self, text: str, data: Any) -> Any:
        from jinja2 import TemplateError  # takes longer to import than most inventories to read

        try:
            names, make = _compiled(text)
            world = self.world(data._of)
            known = {
                name: world[name] if name in world else data[name] for name in names if name in world or name in data
            }
            made = make(known)
        except InventoryError:
            raise
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
            hint = "known are variables of the inventory and what Jinja itself has; no facts, no filters of Ansible"
            raise InventoryError(f"{text!r} cannot be worked out: {error}", where=self.where, hint=hint) from error
        return MaskString(made) if isinstance(made, str) and _is_secret([text, *known.values()]) else made

    def __repr__(self) -> str:
        return repr(self.value)


def is_template(value: Any) -> bool:
    """Say whether a value refers to others.

    >>> is_template("{{ name }}.example.com"), is_template(["a", "b"])
    (True, False)
    """
    if isinstance(value, Opened):
        return is_template(value.value)
    if isinstance(value, str):
        return ("{{" in value or "{%" in value) and not isinstance(value, Unsafe)
    if isinstance(value, Mapping):
        return any(is_template(item) for item in value.values())
    return isinstance(value, list | tuple) and any(is_template(item) for item in value)


def has_secret(value: Any) -> bool:
    """Say whether there is an encrypted value within a value."""
    if isinstance(value, Mapping):
        return any(has_secret(item) for item in value.values())
    return isinstance(value, Deferred) or (isinstance(value, list | tuple) and any(has_secret(item) for item in value))


def _is_secret(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_is_secret(item) for item in value)
    if isinstance(value, dict):
        return any(_is_secret(item) for item in value.values())
    return isinstance(value, MaskString)


@cache
def _environment() -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # What a cloud says of a machine may be a template too: it must reach nothing but data.
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
    environment.globals.update(lookup=_lookup, query=lambda *words: [_lookup(*words)])
    environment.filters["bool"] = is_true
    return environment


@cache
def _compiled(text: str) -> tuple[list[str], Any]:
    """Return the names that a template refers to, and a function that makes its value of theirs.

    A template that is one expression and nothing else makes a value of any type, others make text.
    """
    from jinja2 import meta, nodes

    environment = _environment()
    tree = environment.parse(text)
    names = sorted(meta.find_undeclared_variables(tree) - environment.globals.keys())
    [*body] = tree.body
    if len(body) == 1 and isinstance(body[0], nodes.Output) and len(body[0].nodes) == 1:
        only = body[0].nodes[0]
        if not isinstance(only, nodes.TemplateData) and text.strip()[:2] == "{{":
            expression = environment.compile_expression(text.strip()[2:-2].strip("-+ \t\n"), undefined_to_none=False)
            return names, lambda known: _defined(expression(known))
    template = environment.from_string(text)
    return names, template.render


def _defined(value: Any) -> Any:
    from jinja2 import Undefined

    if isinstance(value, Undefined):
        str(value)  # raises, and says which name is missing
    return value


def _lookup(kind: str, *names: str) -> Any:
    if kind.removeprefix("ansible.builtin.") != "env":
        raise ValueError(f"there is no lookup {kind!r}, only env")
    return ",".join(os.environ.get(name, "") for name in names)
