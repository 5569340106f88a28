"""The settings of a run: ``config.py``, command line options and deploy files write them, operations read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ropewalk.model.errors import ConfigError


class Config:
    """Every setting, with its default as a class attribute.

    A key that is not listed here is the deploy's own and is kept as it is.

    :raises ConfigError: for a listed key whose value has the wrong type.

    >>> Config(SUDO=True).SUDO
    True
    """

    #: Stop when more than this percentage of the hosts has failed; ``None``: never.
    FAIL_PERCENT: int | None = None
    #: Seconds a connection may take.
    CONNECT_TIMEOUT: int = 10
    #: Directory for temporary files on the hosts; ``None``: the host's own ``$TMPDIR``, else DEFAULT_TEMP_DIR.
    TEMP_DIR: str | None = None
    DEFAULT_TEMP_DIR: str = "/tmp"
    #: At most this many hosts at a time; 0: all.
    PARALLEL: int = 0
    #: Version specifier that the implemented v3 API level must satisfy, such as ``">=3,<4"``.
    REQUIRE_PYINFRA_VERSION: str | None = None
    #: Version specifier that ropewalk itself must satisfy.
    REQUIRE_ROPEWALK_VERSION: str | None = None
    #: Packages that must be installed beside ropewalk: a list of requirements, or a requirements file.
    REQUIRE_PACKAGES: str | Sequence[str] | None = None
    SUDO: bool = False
    SUDO_USER: str | None = None
    SUDO_PASSWORD: str | None = None
    USE_SUDO_LOGIN: bool = False
    PRESERVE_SUDO_ENV: bool = False
    SU_USER: str | None = None
    SU_PASSWORD: str | None = None
    USE_SU_LOGIN: bool = False
    PRESERVE_SU_ENV: bool = False
    SU_SHELL: str | bool | None = False
    DOAS: bool = False
    DOAS_USER: str | None = None
    DZDO: bool = False
    DZDO_USER: str | None = None
    IGNORE_ERRORS: bool = False
    SHELL: str | None = "sh"
    #: Show differences of text files.
    DIFF: bool = False
    RETRY: int = 0
    RETRY_DELAY: float = 5
    #: Names of environment variables of this machine that commands on hosts get too.
    INHERIT_ENV: Sequence[str] = ()
    #: Environment variables for every command.
    ENV: Mapping[str, Any] = {}
    #: Which SSH implementation connects: "asyncssh" or "openssh".
    SSH_BACKEND: str | None = None

    def __init__(self, **values: Any) -> None:
        for key, value in values.items():
            setattr(self, key, value)

    def __setattr__(self, key: str, value: Any) -> None:
        suits = _TYPES.get(key)
        if suits is not None and not suits(value):
            raise ConfigError(f"config.{key} cannot be {value!r}", hint=f"its default is {getattr(Config, key)!r}")
        super().__setattr__(key, value)

    def copy(self) -> Config:
        """Return a config of its own that starts with the same values."""
        other = Config()
        other.__dict__.update(self.__dict__)
        return other

    def values(self) -> dict[str, Any]:
        """Return every setting in upper case, set or default."""
        keys = [key for key in vars(Config) if key.isupper()]
        return {**{key: getattr(self, key) for key in keys}, **{k: v for k, v in self.__dict__.items() if k.isupper()}}

    def get_current_state(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def set_current_state(self, state: Mapping[str, Any]) -> None:
        self.__dict__.clear()
        self.__dict__.update(state)

    def lock_current_state(self) -> None:
        self.__dict__["_locked"] = {k: v for k, v in self.__dict__.items() if k != "_locked"}

    def reset_locked_state(self) -> None:
        locked = self.__dict__.get("_locked", {})
        self.set_current_state({**locked, "_locked": locked})


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_names(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_percentage(value: Any) -> bool:
    return value is None or (_is_seconds(value) and value <= 100)


_TYPES: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(
        ("SUDO", "USE_SUDO_LOGIN", "PRESERVE_SUDO_ENV", "USE_SU_LOGIN", "PRESERVE_SU_ENV", "DOAS", "DZDO"), _is_bool
    ),
    **dict.fromkeys(("IGNORE_ERRORS", "DIFF"), _is_bool),
    **dict.fromkeys(("PARALLEL", "RETRY"), _is_count),
    **dict.fromkeys(("CONNECT_TIMEOUT", "RETRY_DELAY"), _is_seconds),
    **dict.fromkeys(("TEMP_DIR", "SUDO_USER", "SUDO_PASSWORD", "SU_USER", "SU_PASSWORD", "DOAS_USER"), _is_text),
    **dict.fromkeys(("DZDO_USER", "SHELL", "REQUIRE_PYINFRA_VERSION", "REQUIRE_ROPEWALK_VERSION"), _is_text),
    "FAIL_PERCENT": _is_percentage,
    "INHERIT_ENV": _is_names,
    "ENV": lambda value: isinstance(value, Mapping),
}
