"""Lets ``import pyinfra`` find ropewalk, so that code written for pyinfra v3 runs as it is.

``offer`` is called by ``ropewalk.pth`` when an interpreter starts: scripts that import ``pyinfra`` then get
ropewalk where pyinfra itself is not installed. ``activate`` is called before ropewalk runs deploys: they get
ropewalk in any case.

The names are aliases, not copies: ``pyinfra.operations.files`` *is* ``ropewalk.operations.files``. What exists
for compatibility only lives in :mod:`ropewalk.compat.pyinfra`, which is laid out as pyinfra is.

Every interpreter of an environment pays for this module, so it imports nothing but ``sys`` before it is needed.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

NAME = "pyinfra"
_HOME = "ropewalk.compat.pyinfra"

# Where modules are, the longest prefix first. Connectors that are not in _HOME are ropewalk's own.
_PLACES = (
    ("pyinfra.operations.util", f"{_HOME}.operations.util"),
    ("pyinfra.facts.util", f"{_HOME}.facts.util"),
    ("pyinfra.operations", "ropewalk.operations"),
    ("pyinfra.facts", "ropewalk.facts"),
    ("pyinfra_cli", f"{_HOME}_cli"),
    ("pyinfra", _HOME),
)
_TOPS = frozenset({NAME, "pyinfra_cli"})


class Finder:
    """Finds ``pyinfra`` and all below it.

    It stands first among the finders: were it last, a folder that happens to be called ``pyinfra`` would hide
    ropewalk, and submodules would be loaded a second time through the path of the package they are in.
    """

    def __init__(self) -> None:
        self.active = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        top = fullname.partition(".")[0]
        if top not in _TOPS:
            return None
        if fullname == top:
            if not self.active and self._found_elsewhere(path):
                return None
        elif not is_ours(sys.modules.get(top)):
            return None
        return _alias(fullname)

    def _found_elsewhere(self, path: Sequence[str] | None) -> bool:
        """Say whether pyinfra itself can be imported; a mere folder of that name is not it."""
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(NAME, path)
            if spec is not None:
                return spec.origin is not None
        return False


class AliasLoader:
    """Loads a module by importing the one it is another name of."""

    def __init__(self, target: str) -> None:
        self.target = target

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        from importlib import import_module

        alias = module.__name__
        sys.modules[alias] = import_module(self.target)
        # A package may bind a name that is also that of a submodule (`pyinfra.api.operation`): importing the
        # submodule under its alias would bind the name anew, to the module.
        for name in [name for name in sys.modules if name.startswith(f"{self.target}.")]:
            inner = alias + name[len(self.target) :]
            if place_of(inner) == name:
                sys.modules.setdefault(inner, sys.modules[name])
        if alias == "pyinfra.operations":
            import_module("pyinfra.operations.util")

    def is_package(self, fullname: str) -> bool:
        return _spec_of(self.target).submodule_search_locations is not None

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code that ``python -m`` runs."""
        loader: Any = _spec_of(self.target).loader
        code: CodeType | None = loader.get_code(self.target)
        return code

    def get_source(self, fullname: str) -> str | None:
        loader: Any = _spec_of(self.target).loader
        source: str | None = loader.get_source(self.target)
        return source


_finder = Finder()


def offer() -> None:
    """Let ``import pyinfra`` find ropewalk wherever pyinfra itself is not installed."""
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def activate() -> None:
    """Let ``import pyinfra`` find ropewalk from now on, whatever is installed.

    :raises UsageError: pyinfra itself has been imported: its operations would be called outside of its own run.
    """
    if NAME in sys.modules and not is_ours(sys.modules[NAME]):
        from ropewalk.model.errors import UsageError

        raise UsageError(
            f"pyinfra itself has been imported in this process, from {sys.modules[NAME].__file__}: "
            "deploys would get its operations instead of ropewalk's",
            hint="import ropewalk before pyinfra and call ropewalk.compat.names.activate(), or uninstall pyinfra here",
        )
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    sys.meta_path.insert(0, _finder)
    _finder.active = True


def is_active() -> bool:
    """Say whether deploys get ropewalk in any case: true in the command line tool."""
    return _finder.active


def is_ours(module: ModuleType | None) -> bool:
    """Say whether the module found as ``pyinfra`` is ropewalk's."""
    return module is not None and (
        module.__name__ == _HOME or isinstance(getattr(module, "__loader__", None), AliasLoader)
    )


def place_of(fullname: str) -> str:
    """Return the name of the module that a name of pyinfra's stands for; there may be none of that name.

    >>> place_of("pyinfra.operations.files"), place_of("pyinfra.api.deploy")
    ('ropewalk.operations.files', 'ropewalk.compat.pyinfra.api.deploy')
    """
    for prefix, place in _PLACES:
        if fullname == prefix or fullname.startswith(f"{prefix}."):
            return place + fullname[len(prefix) :]
    raise ValueError(f"{fullname} is not a module of pyinfra")


def _alias(fullname: str) -> ModuleSpec | None:
    from importlib.machinery import ModuleSpec
    from importlib.util import find_spec

    places = [place_of(fullname)]
    if fullname.startswith("pyinfra.connectors."):
        places.append(fullname.replace("pyinfra", "ropewalk", 1))
    for place in places:
        found = find_spec(place)
        if found is not None:
            spec = ModuleSpec(fullname, AliasLoader(place), origin=found.origin)  # type: ignore[arg-type]
            spec.submodule_search_locations = found.submodule_search_locations
            return spec
    return None


def _spec_of(target: str) -> ModuleSpec:
    from importlib.util import find_spec

    spec = find_spec(target)
    if spec is None:
        raise ImportError(f"{target} is gone", name=target)
    return spec
