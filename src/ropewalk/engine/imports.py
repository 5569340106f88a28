"""Imports modules of the deploy's own tree afresh for every pass, and for every host where that makes a difference.

A deploy may keep operations at module level of a file that it imports. Were such a module cached as usual,
they would run for the first host and in the first pass only. So code of a deploy gets an ``import`` of its
own: what lies below the deploy's folders is executed once per host and pass if it uses the host while it is executed,
and else once per pass: hosts may leave each other something there. What the inventory has imported uses no host, and
stays: its classes are those that host data is made of (see ``kept``). The rest is imported as ever.
"""

from __future__ import annotations

import builtins
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from ropewalk.api.context import current_host, on_use, use


@dataclass
class Tree:
    """The folders of a deploy, and what is known of its code for one host in one pass.

    :ivar modules: the modules below the folders that were loaded.
    :ivar common: those of all hosts, which used none while they were executed.
    :ivar pure: what ``purity.py`` found out about pieces of code, by their ``id``, which stays one since they are kept.
    """

    folders: tuple[str, ...]
    modules: dict[str, ModuleType] = field(default_factory=dict)
    common: dict[str, ModuleType] = field(default_factory=dict)
    pure: dict[tuple[int, bool], tuple[CodeType, bool]] = field(default_factory=dict)


#: The name of the module that deploy files are.
DEPLOY = "__deploy__"

current_tree: ContextVar[Tree | None] = ContextVar("tree", default=None)

_import = builtins.__import__


#: The globals of the deploy file that is being executed.
_current_globals: ContextVar[dict[str, Any] | None] = ContextVar("globals", default=None)


class _DeployModule(ModuleType):
    """Stands for the deploy files of a run.

    Dataclasses and ``typing`` look the module of a class up by name, and names of annotations in its ``__dict__``.
    """

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return _current_globals.get() or {}


@contextmanager
def namespace(path: str) -> Iterator[dict[str, Any]]:
    """Lend fresh globals for a deploy file to be executed with."""
    sys.modules.setdefault(DEPLOY, _DeployModule(DEPLOY))
    names = {"__file__": path, "__name__": DEPLOY, "__builtins__": _builtins()}
    token = _current_globals.set(names)
    try:
        yield names
    finally:
        _current_globals.reset(token)


def _builtins() -> dict[str, Any]:
    return {**vars(builtins), "__import__": import_}


@contextmanager
def kept(folder: str) -> Iterator[dict[str, ModuleType]]:
    """Gather the modules below a folder that code imports in this ``with``, for a run to go on with them.

    They are imported as ever, but what their own code imports later, in a deploy, is imported as in the deploy's code.
    """
    keeper = _Keeper(Tree((folder,)))
    sys.meta_path.insert(0, keeper)
    try:
        yield keeper.modules
    finally:
        sys.meta_path.remove(keeper)


class _Keeper:
    """Finds modules below a folder, and keeps those that are executed."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.modules = tree, dict[str, ModuleType]()

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path)
        if spec is None or not isinstance(spec.loader, SourceFileLoader) or not _below(self.tree, spec.loader.path):
            return None
        spec.loader = _KeptLoader(spec.loader, self.modules)
        return spec


class _KeptLoader(SourceFileLoader):
    def __init__(self, ordinary: SourceFileLoader, modules: dict[str, ModuleType]) -> None:
        super().__init__(ordinary.name, ordinary.path)
        self._modules = modules

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = _builtins()
        super().exec_module(module)
        self._modules[module.__name__] = module


def import_(
    name: str,
    globals: Mapping[str, object] | None = None,
    locals: Mapping[str, object] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """Stand in for ``__import__`` in code of a deploy."""
    tree = current_tree.get()
    if tree is None:
        return _import(name, globals, locals, fromlist or (), level)
    full = name
    if level:
        package = str((globals or {}).get("__package__") or "")
        full = importlib.util.resolve_name("." * level + name, package)
    module = tree.modules.get(full)
    if module is None and (host := current_host.get(None)) is not None:
        host.runner.catch_up()  # what is imported may do anything
    module = _load(tree, full)
    if module is None:
        return _import(name, globals, locals, fromlist or (), level)
    if not fromlist:
        return module if level else tree.modules[full.partition(".")[0]]
    if hasattr(module, "__path__"):
        for attribute in fromlist:
            if attribute != "*" and not hasattr(module, attribute):
                _load(tree, f"{full}.{attribute}")
    return module


def _load(tree: Tree, full: str) -> ModuleType | None:
    """Return a module of the tree, loading its parents first; ``None`` if it is not of the tree."""
    module = tree.modules.get(full)
    if module is not None:
        if tree.common.get(full) is not module and (told := on_use.get()) is not None:
            told()  # it is this host's own, or not known yet to be anything else
        return module
    parent_name, _, child = full.rpartition(".")
    parent = _load(tree, parent_name) if parent_name else None
    if parent_name and parent is None:
        return None
    module = tree.common.get(full)
    if module is None:
        spec = _find(tree, full, parent)
        if spec is None:
            return None
        module = _execute(tree, full, spec)
    tree.modules[full] = module
    if parent is not None:
        setattr(parent, child, module)
    return module


def _execute(tree: Tree, full: str, spec: ModuleSpec) -> ModuleType:
    """Make a module, and make it common to all hosts unless it uses the one it is made for."""
    module = importlib.util.module_from_spec(spec)
    module.__dict__["__builtins__"] = _builtins()
    tree.modules[full] = module
    # Some of the standard library looks modules up by name (dataclasses, pickle): any host's will do for that.
    sys.modules.setdefault(full, module)
    uses: list[None] = []
    try:
        with use(on_use, lambda: uses.append(None)):
            if spec.origin is not None:  # else a folder without __init__.py: there is nothing to execute
                exec(spec.loader.get_code(full), module.__dict__)  # type: ignore[union-attr]  # noqa: S102
    except BaseException:
        del tree.modules[full]
        raise
    if not uses:
        return tree.common.setdefault(full, module)  # another host may have been as fast, in a callback
    if (told := on_use.get()) is not None:
        told()  # what imports it rests on the host as well
    return module


def _find(tree: Tree, full: str, parent: ModuleType | None) -> ModuleSpec | None:
    if parent is None and full in sys.builtin_module_names:
        return None
    path = list(parent.__path__) if parent is not None and hasattr(parent, "__path__") else list(tree.folders)
    spec = PathFinder.find_spec(full, path)
    if spec is None:
        return None
    if spec.origin is None:
        return spec if _is_folder_of(tree, spec, parent) else None
    if spec.loader is None or not spec.origin.endswith(".py"):
        return None
    return spec if _below(tree, spec.origin) else None


def _is_folder_of(tree: Tree, spec: ModuleSpec, parent: ModuleType | None) -> bool:
    """Say whether a folder without ``__init__.py`` is a package of the tree: a real package of its name goes first."""
    if not any(_below(tree, place) for place in spec.submodule_search_locations or ()):
        return False
    elsewhere = PathFinder.find_spec(spec.name) if parent is None else None
    return elsewhere is None or elsewhere.origin is None or _below(tree, elsewhere.origin)


def _below(tree: Tree, path: str) -> bool:
    if "site-packages" in path:  # an environment that lies inside the tree is not part of it
        return False
    return any(path.startswith(folder + os.sep) for folder in tree.folders)
