"""Loads ``config.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ropewalk.api.config import Config
from ropewalk.api.context import current_config, use
from ropewalk.inventories.execute import Executed, execute
from ropewalk.inventories.note import note
from ropewalk.model.errors import ConfigError
from ropewalk.model.suggest import closest, did_you_mean

_REQUIREMENTS = ("REQUIRE_PYINFRA_VERSION", "REQUIRE_ROPEWALK_VERSION", "REQUIRE_PACKAGES")


def load_config(path: str | Path, explicit: bool, cwd: str | Path) -> Config:
    """Return the config that a file makes by assigning to ``config`` (``from ropewalk import config``).

    :param path: the file; relative to ``cwd``.
    :param explicit: the user named it, so it must exist; otherwise there may be none.
    :raises ConfigError: it is missing, a value has the wrong type, or a requirement is not met.
    :raises LoadError: it cannot be loaded.
    """
    here, config = Path(cwd).absolute(), Config()
    file = here / path
    if not file.is_file():
        if explicit or file.is_dir():
            files = [str(found.relative_to(file.parent)) for found in file.parent.glob("*.py")]
            hint = did_you_mean(file.name, files, kind="Python files there")
            raise ConfigError(f"there is no config file {path}", hint=hint)
        return config
    with use(current_config, config):
        executed = execute(file, cwd=here)
    for message in (*_mistyped(config, executed), *_without_effect(config, executed)):
        note("warning", message)
    return config


def check_requirements(config: Config) -> None:
    """Check ``REQUIRE_PYINFRA_VERSION``, ``REQUIRE_ROPEWALK_VERSION`` and ``REQUIRE_PACKAGES`` together.

    A config checks each of them when it is set; this says in one message what is missing for all of them.

    :raises ConfigError: something is missing.
    """
    wanted = {key: getattr(config, key) for key in _REQUIREMENTS if getattr(config, key)}
    if wanted:
        from ropewalk.api import requirements  # imports what few configs need

        requirements.check(wanted)


def _mistyped(config: Config, executed: Executed) -> Iterator[str]:
    """Yield a warning for each key that is none of ours but much like one."""
    for key in sorted(vars(config).keys() - Config.known()):
        meant = closest(key, Config.known(), least=0.75) if key.isupper() else None
        if meant is not None:
            line = executed.source.line_of_attribute(key)
            where = f"{executed.shown}:{line}" if line else executed.shown
            yield f"{where}: config.{key} is not a setting; did you mean config.{meant}?"


def _without_effect(config: Config, executed: Executed) -> Iterator[str]:
    """Yield a warning for each setting that is written as a plain name of the file."""
    for key in sorted(executed.values.keys() & Config.known()):
        binding = executed.source.bindings.get(key)
        if binding and not binding.imported and getattr(config, key) != executed.values[key]:
            yield f"{executed.where(key)}: {key} = ... has no effect; write config.{key} = ..."
