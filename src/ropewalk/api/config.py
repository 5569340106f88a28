"""The settings of a run: ``config.py``, command line options and deploy files write them, operations read them."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from typing import Any, get_type_hints

from ropewalk.api.typecheck import is_of, name_of
from ropewalk.model.command import Secret
from ropewalk.model.errors import ConfigError


class Config:
    """Every setting, with its default as a class attribute.

    A key that is not listed here is the deploy's own and is kept as it is. ``REQUIRE_...`` keys are checked
    when they are set.

    :raises ConfigError: for a listed key whose value has the wrong type, or a requirement that is not met.

    >>> Config(SUDO=True).SUDO
    True
    """

    #: Stop when more than this percentage of the hosts has failed; ``None``: never.
    FAIL_PERCENT: float | None = None
    #: Seconds a connection may take.
    CONNECT_TIMEOUT: float = 10
    #: Directory for temporary files on the hosts; ``None``: the host's own ``$TMPDIR``, else DEFAULT_TEMP_DIR.
    TEMP_DIR: str | None = None
    #: Directory for temporary files where neither TEMP_DIR nor the host names one.
    DEFAULT_TEMP_DIR: str = "/tmp"
    #: At most this many hosts at a time; 0: all.
    PARALLEL: int = 0
    #: Version specifier that the implemented v3 API level must satisfy, such as ``">=3,<4"``.
    REQUIRE_PYINFRA_VERSION: str | None = None
    #: Version specifier that ropewalk itself must satisfy.
    REQUIRE_ROPEWALK_VERSION: str | None = None
    #: Packages that must be installed beside ropewalk: a list of requirements, or a requirements file.
    REQUIRE_PACKAGES: str | Sequence[str] | None = None
    #: Run commands through sudo.
    SUDO: bool = False
    #: The user sudo runs as; ``None``: root.
    SUDO_USER: str | None = None
    #: The password for sudo.
    SUDO_PASSWORD: str | Secret | None = None
    #: Let sudo start a login shell.
    USE_SUDO_LOGIN: bool = False
    #: Let sudo keep the login user's environment.
    PRESERVE_SUDO_ENV: bool = False
    #: Run commands through su as this user.
    SU_USER: str | None = None
    #: The password for su.
    SU_PASSWORD: str | Secret | None = None
    #: Let su start a login shell.
    USE_SU_LOGIN: bool = False
    #: Let su keep the login user's environment.
    PRESERVE_SU_ENV: bool = False
    #: The shell su starts; ``False`` or ``None``: the user's own.
    SU_SHELL: str | bool | None = False
    #: Run commands through doas.
    DOAS: bool = False
    #: The user doas runs as; ``None``: root.
    DOAS_USER: str | None = None
    #: Run commands through dzdo.
    DZDO: bool = False
    #: The user dzdo runs as; ``None``: root.
    DZDO_USER: str | None = None
    #: Go on after failed operations.
    IGNORE_ERRORS: bool = False
    #: The shell that runs each command; ``None``: commands run without one of their own.
    SHELL: str | None = "sh"
    #: Show differences of text files.
    DIFF: bool = False
    #: How often a failed operation is tried again.
    RETRY: int = 0
    #: Seconds between tries.
    RETRY_DELAY: float = 5
    #: Names of environment variables of this machine that commands on hosts get too.
    INHERIT_ENV: Sequence[str] = ()
    #: Environment variables for every command; they win over inherited ones.
    ENV: MutableMapping[str, Any] = {}
    #: Record deploys and operations that are applied, for ``ropewalk history``, ``--failed`` and ``--resume``.
    HISTORY: bool = True
    #: Days that runs stay in the history; ``None``: for ever.
    HISTORY_DAYS: float | None = 90
    #: How many runs stay in the history; ``None``: all.
    HISTORY_RUNS: int | None = 1000
    #: Remember changes whose consequences did not happen because the run ended before.
    PENDING_CHANGES: bool = True
    #: Which SSH implementation connects: "asyncssh" or "openssh"; ``None``: the default one.
    SSH_BACKEND: str | None = None

    def __init__(self, **values: Any) -> None:
        # The default is one mapping for the whole process: `config.ENV["X"] = ...` must not reach other configs.
        self.ENV = {}
        for key, value in values.items():
            setattr(self, key, value)

    def __setattr__(self, key: str, value: Any) -> None:
        _check(key, value)
        super().__setattr__(key, value)

    @staticmethod
    def known() -> frozenset[str]:
        """Return the names of all settings."""
        return frozenset(_types())

    def copy(self) -> Config:
        """Return a config of its own that starts with the same values."""
        other = Config()
        other.__dict__.update({key: _own(value) for key, value in self.__dict__.items()})
        return other

    def values(self) -> dict[str, Any]:
        """Return every setting in upper case, set or default."""
        return {**{key: getattr(self, key) for key in _types()}, **dict(self.get_current_state())}

    # -- v3's names for putting a config back after a deploy file has changed it ---------------------------

    def get_current_state(self) -> list[tuple[str, Any]]:
        """Return what has been set, as keys and values."""
        return [(key, _own(value)) for key, value in self.__dict__.items() if key != _LOCKED]

    def set_current_state(self, config_state: Iterable[tuple[str, Any]]) -> None:
        """Set what ``get_current_state`` returned; everything else gets its default again."""
        locked = self.__dict__.get(_LOCKED)
        self.__dict__.clear()
        self.__dict__["ENV"] = {}
        self.__dict__.update(config_state)
        if locked is not None:
            self.__dict__[_LOCKED] = locked

    def lock_current_state(self) -> None:
        """Remember what is set now, for ``reset_locked_state``."""
        self.__dict__[_LOCKED] = self.get_current_state()

    def reset_locked_state(self) -> None:
        """Return to what was set when ``lock_current_state`` was called; does nothing if it never was."""
        if _LOCKED in self.__dict__:
            self.set_current_state([(key, _own(value)) for key, value in self.__dict__[_LOCKED]])


_LOCKED = "_locked"
_SECRET = frozenset({"SUDO_PASSWORD", "SU_PASSWORD", "ENV"})
_REQUIREMENTS = frozenset({"REQUIRE_PYINFRA_VERSION", "REQUIRE_ROPEWALK_VERSION", "REQUIRE_PACKAGES"})


def _not_negative(value: float) -> bool:
    return value >= 0


#: What a value has to be besides its type.
_LIMITS: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("PARALLEL", "RETRY", "RETRY_DELAY"), (_not_negative, "0 or more")),
    "CONNECT_TIMEOUT": (lambda value: value > 0, "more than 0"),
    "FAIL_PERCENT": (lambda value: value is None or 0 <= value <= 100, "from 0 to 100"),
    "SSH_BACKEND": (lambda value: value in (None, "asyncssh", "openssh"), '"asyncssh" or "openssh"'),
}


@functools.cache
def _types() -> dict[str, Any]:
    return get_type_hints(Config)


def _check(key: str, value: Any) -> None:
    type_ = _types().get(key)
    if type_ is None:
        return
    suits, wanted = _LIMITS.get(key, (None, ""))
    if not is_of(value, type_):
        suits, wanted = None, name_of(type_)
    elif suits is None or suits(value):
        wanted = ""
    if wanted:
        given = "" if key in _SECRET else f", not {value!r}"
        raise ConfigError(f"config.{key} must be {wanted}{given}", hint=f"its default is {getattr(Config, key)!r}")
    if key in _REQUIREMENTS and value:
        from ropewalk.api import requirements  # imports what few configs need

        requirements.check({key: value})


def _own(value: Any) -> Any:
    """Return a value that can be changed in place without changing the original."""
    return copy.copy(value) if isinstance(value, dict | list | set) else value
