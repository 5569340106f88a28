"""Finds the operations and facts that the command line names: ``files.put``, ``facts_mod.Bad``, ``pkg.mod:name``."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from ropewalk.api.fact import FactBase, ShortFactBase
from ropewalk.api.operation import Operation
from ropewalk.model.arguments import declared
from ropewalk.model.errors import UsageError
from ropewalk.model.suggest import closest, did_you_mean

_A = {"operation": "an operation", "fact": "a fact"}


def find_operation(word: str) -> Operation[Any]:
    """Return the operation of this name, of ropewalk or of a module that can be imported from here.

    :raises UsageError: there is none.
    """
    found: Operation[Any] = _find(word, "operation", lambda value: isinstance(value, Operation))
    return found


def find_fact(word: str) -> type[Any]:
    """Return the fact of this name, of ropewalk or of a module that can be imported from here.

    :raises UsageError: there is none.
    """
    found: type[Any] = _find(word, "fact", is_fact)
    return found


def is_fact(value: Any) -> bool:
    """Say whether a value is the class of a fact that can be read."""
    if not inspect.isclass(value) or not issubclass(value, FactBase | ShortFactBase):
        return False
    return value not in (FactBase, ShortFactBase)


def own_modules(kind: str) -> list[str]:
    """Return the names of ropewalk's modules of operations or facts."""
    import pkgutil  # only lists need it

    package = importlib.import_module(f"ropewalk.{kind}s")
    names = sorted(entry.name for entry in pkgutil.iter_modules(package.__path__) if not entry.name.startswith("_"))
    return [name for name in names if _holds_any(Path(package.__path__[0]) / name, kind)]


def _holds_any(place: Path, kind: str) -> bool:
    """Say whether a module or package makes operations or facts, by its text: importing all would take too long."""
    sign = {"operation": "@operation(", "fact": "FactBase"}[kind]
    files = place.glob("*.py") if place.is_dir() else [place.with_suffix(".py")]
    return any(sign in file.read_text(encoding="utf-8") for file in files)


def members(module: ModuleType, wanted: Callable[[Any], bool]) -> list[str]:
    """Return the names of a module's operations or facts."""
    return sorted(name for name, value in vars(module).items() if not name.startswith("_") and wanted(value))


def check_operation_arguments(
    word: str, operation: Operation[Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> None:
    """Raise ``UsageError`` unless an operation takes these arguments (global ones aside)."""
    _check(word, operation._inner, args, {key: value for key, value in kwargs.items() if key not in declared()})


def check_fact_arguments(word: str, fact: type[Any], kwargs: Mapping[str, Any]) -> None:
    """Raise ``UsageError`` unless a fact takes these arguments (global ones aside)."""
    base = fact.fact if issubclass(fact, ShortFactBase) else fact
    command = base().command
    own = {key: value for key, value in kwargs.items() if key not in declared()}
    _check(word, command if callable(command) else lambda: None, (), own)


def _find(word: str, kind: str, wanted: Callable[[Any], bool]) -> Any:
    module_name, name = _split(word, kind)
    module = _import(module_name, kind)
    value = getattr(module, name, None)
    if not wanted(value):
        known = members(module, wanted)
        what = f"{word} is not {_A[kind]}" if value is not None else None
        raise UsageError(
            what or f"there is no {kind} {name} in {module_name}", hint=did_you_mean(name, known, kind=f"{kind}s")
        )
    return value


def _split(word: str, kind: str) -> tuple[str, str]:
    module, _, name = word.rpartition(":") if ":" in word else word.rpartition(".")
    if not module or not name:
        raise UsageError(f"{word} is not the name of {_A[kind]}", hint="names are written module.name, as in files.put")
    return module, name


def _import(name: str, kind: str) -> ModuleType:
    for full in (f"ropewalk.{kind}s.{name}", name):
        try:
            return importlib.import_module(full)
        except ModuleNotFoundError as error:
            if error.name is None or not (full == error.name or full.startswith(f"{error.name}.")):
                raise UsageError(f"{name} cannot be imported: {error}") from error
        except UsageError:
            raise
        except (Exception, SystemExit) as error:
            raise UsageError(f"{name} cannot be imported: {type(error).__name__}: {error}") from error
    raise UsageError(
        f"there is no module {name} with {kind}s", hint=did_you_mean(name, own_modules(kind), kind="modules")
    )


def _check(word: str, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    signature = inspect.signature(function)
    known = [
        name
        for name, parameter in signature.parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]
    unknown = [name for name in kwargs if name not in known]
    if unknown and not _takes_any(signature):
        hint = did_you_mean(unknown[0], _most_alike(unknown[0], known), kind="arguments") or "it takes none"
        raise UsageError(f"{word} has no argument {unknown[0]}", hint=hint)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise UsageError(
            f"{word}: {error}", hint=f"arguments: {', '.join(known)}" if known else "it takes none"
        ) from None


def _most_alike(word: str, known: Iterable[str]) -> list[str]:
    """Return the arguments to suggest: a global one only when it is clearly meant."""
    near = closest(word, declared(), least=0.8)
    return [*known, near] if near else list(known)


def _takes_any(signature: inspect.Signature) -> bool:
    """Whether a function takes any keyword; an operation's ``**_`` is for global arguments, which are known."""
    return any(
        parameter.kind is parameter.VAR_KEYWORD and parameter.name != "_" for parameter in signature.parameters.values()
    )
