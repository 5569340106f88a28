"""Finds out what kind of inventory a path is, and reads it: INI, YAML, a program, or a directory of these."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ropewalk.inventories.ansible.ini import read_ini
from ropewalk.inventories.ansible.listing import read_listing
from ropewalk.inventories.ansible.tree import Tree
from ropewalk.inventories.ansible.vars_files import read_ansible_yaml
from ropewalk.inventories.ansible.vault import decrypt, is_encrypted
from ropewalk.inventories.ansible.yaml_groups import read_groups
from ropewalk.inventories.program import is_program, output_of
from ropewalk.model.errors import InventoryError, LoadError
from ropewalk.model.suggest import did_you_mean

# What Ansible leaves out in a directory.
_IGNORED_ENDINGS = (
    ".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry",
)  # fmt: skip
_IGNORED_NAMES = ("group_vars", "host_vars", "vars_plugins")
_BEGINS_YAML = re.compile(r"(?:\s*(?:#.*)?\n)*(?:---|[^\s\[#;=]+:[ \t]*(?:$|#|\{))", re.MULTILINE)


def read_source(tree: Tree, path: Path, shorten: Callable[[Path], str] = str) -> None:
    """Add what is at a path to a tree.

    :param shorten: makes of a path what messages call it.
    :raises InventoryError: there is nothing, or a program fails.
    :raises LoadError: a file makes no sense; says where.
    """
    name = shorten(path)
    if path.is_dir():
        for entry in sorted(path.iterdir(), key=lambda entry: entry.name):
            if not (
                entry.name.startswith(".") or entry.name.endswith(_IGNORED_ENDINGS) or entry.name in _IGNORED_NAMES
            ):
                read_source(tree, entry, shorten)
    elif not path.exists():
        near = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise InventoryError(
            f"there is no inventory {name}", hint=did_you_mean(path.name, near, kind=f"in {path.parent} there are")
        )
    elif is_program(path):
        program = str(path.absolute())
        read_listing(tree, output_of([program, "--list"]), name, lambda host: output_of([program, "--host", host]))
    else:
        _read_file(tree, path, name)


def _read_file(tree: Tree, path: Path, name: str) -> None:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LoadError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}", where=name) from error
    if text.startswith("#!"):
        hint = f"if it is a program that prints an inventory: chmod +x {name}"
        raise LoadError(f"{name} begins with #! and cannot be executed", where=f"{name}:1", hint=hint)
    if is_encrypted(text):
        text = decrypt(text, name)
    if path.suffix in (".yml", ".yaml", ".json") or (not path.suffix and _BEGINS_YAML.match(text)):
        read_groups(tree, read_ansible_yaml(text, name), name)
    elif path.suffix == ".toml":
        raise LoadError(f"{name}: TOML is read by Ansible alone", where=name, hint=f"@ansible-inventory/{name}")
    else:
        read_ini(tree, text, name)
