"""``group_vars/`` and ``host_vars/``: a file, or a directory of files, for each group and host."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ropewalk.inventories.ansible.templates import Unsafe
from ropewalk.inventories.ansible.vault import Encrypted, Opened, decrypt, is_encrypted
from ropewalk.model.errors import LoadError
from ropewalk.model.record import record
from ropewalk.model.sourced import Sourced

_ENDINGS = ("", ".yml", ".yaml", ".json")


@record
class VarsFiles:
    """A directory that may hold ``group_vars`` and ``host_vars``.

    :param shorten: makes of a path what messages call it.
    """

    directory: Path
    shorten: Callable[[Path], str] = str

    def of_group(self, name: str) -> Sourced:
        """Return what the files of a group say; the later file wins.

        :raises LoadError: a file makes no sense.
        """
        return self._of("group_vars", name)

    def of_host(self, name: str) -> Sourced:
        """Return what the files of a host say."""
        return self._of("host_vars", name)

    def _of(self, kind: str, name: str) -> Sourced:
        made = Sourced()
        if "/" in name or not (self.directory / kind).is_dir():
            return made
        for file in _files(self.directory / kind / name):
            made.take(read_variables(file, self.shorten(file)))
        return made


def _files(path: Path) -> Iterator[Path]:
    """Yield the files of a name: the first that exists of NAME, NAME.yml, NAME.yaml, NAME.json; all in a directory."""
    for ending in _ENDINGS:
        found = path.with_name(path.name + ending)
        if found.is_dir():
            yield from _files_in(found)
        elif found.exists():
            yield found
        else:
            continue
        return


def _files_in(directory: Path) -> Iterator[Path]:
    for found in sorted(directory.iterdir(), key=lambda path: path.name):
        if found.name.startswith(".") or found.name.endswith("~"):
            continue
        if found.is_dir():
            if not found.suffix:
                yield from _files_in(found)
        elif found.is_file() and found.suffix in _ENDINGS:
            yield found


def read_variables(file: Path, name: str) -> Sourced:
    """Return the variables of a YAML or JSON file.

    :param name: what messages call it.
    :raises LoadError: it cannot be read, or does not say variables.
    :raises InventoryError: it is encrypted, and cannot be decrypted.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LoadError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}", where=name) from error
    encrypted = is_encrypted(text)
    node = read_ansible_yaml(decrypt(text, name) if encrypted else text, name)
    if not isinstance(node.value, Mapping | None):
        raise LoadError(f"{name} holds a {type(node.value).__name__}, not variables", where=name)
    made = Sourced(where=name)
    for key, entry in node.entries.items():
        value = Opened(entry.value) if encrypted else entry.value
        made.put(str(key), value, name if encrypted else f"{name}:{entry.line}")
    return made


def read_ansible_yaml(text: str, name: str) -> Any:
    """Return what YAML says, with the tags that Ansible knows.

    :raises LoadError: it is not YAML.
    """
    from ropewalk.inventories.yaml_text import read_yaml  # PyYAML takes longer to import than an INI file to read

    return read_yaml(text, name, {"!vault": Encrypted, "!unsafe": lambda text, _: Unsafe(text)})
