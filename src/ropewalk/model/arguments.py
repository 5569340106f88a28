"""The global arguments every operation accepts: the one place they are listed.

Each entry states its type, its help text and where its default comes from. The documentation page, the
run-time check, the deploy/host/config merge and the editor's completion all read these classes; nothing
else may list these names.
"""

# Annotations are kept as they are, not as text: they are read in every run, and text would have to be compiled first.
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypedDict, get_type_hints

from ropewalk.model.command import Secret
from ropewalk.model.record import record


@record
class Arg:
    """What a global argument means, beyond its type.

    :param help: one sentence for people.
    :param config: the config key that supplies the default, if one does.
    :param default: the default where neither config nor host data give one.
    """

    help: str
    config: str | None = None
    default: Any = None


class ConnectorArguments(TypedDict, total=False):
    """How a command reaches the host; facts take these too."""

    _sudo: Annotated[bool, Arg("Run through sudo.", config="SUDO", default=False)]
    _sudo_user: Annotated[str | None, Arg("The user sudo runs as (default: root).", config="SUDO_USER")]
    _use_sudo_login: Annotated[bool, Arg("Let sudo start a login shell.", config="USE_SUDO_LOGIN", default=False)]
    _sudo_password: Annotated[str | Secret | None, Arg("The password for sudo.", config="SUDO_PASSWORD")]
    _preserve_sudo_env: Annotated[
        bool, Arg("Let sudo keep the login user's environment.", config="PRESERVE_SUDO_ENV", default=False)
    ]
    _su_user: Annotated[str | None, Arg("Run through su as this user.", config="SU_USER")]
    _use_su_login: Annotated[bool, Arg("Let su start a login shell.", config="USE_SU_LOGIN", default=False)]
    _preserve_su_env: Annotated[
        bool, Arg("Let su keep the login user's environment.", config="PRESERVE_SU_ENV", default=False)
    ]
    _su_shell: Annotated[str | bool | None, Arg("The shell su starts.", config="SU_SHELL", default=False)]
    _su_password: Annotated[str | Secret | None, Arg("The password for su.", config="SU_PASSWORD")]
    _doas: Annotated[bool, Arg("Run through doas.", config="DOAS", default=False)]
    _doas_user: Annotated[str | None, Arg("The user doas runs as.", config="DOAS_USER")]
    _dzdo: Annotated[bool, Arg("Run through dzdo.", config="DZDO", default=False)]
    _dzdo_user: Annotated[str | None, Arg("The user dzdo runs as.", config="DZDO_USER")]
    _shell_executable: Annotated[
        str | None, Arg("The shell that runs each command; None runs it without one of its own.", config="SHELL")
    ]
    _chdir: Annotated[str | None, Arg("The directory each command runs in.")]
    _env: Annotated[Mapping[str, Any] | None, Arg("Environment variables for each command.", config="ENV")]
    _success_exit_codes: Annotated[Iterable[int] | None, Arg("The exit statuses that mean success (default: 0).")]
    _timeout: Annotated[float | None, Arg("Seconds each command may take before it is stopped and has failed.")]
    _get_pty: Annotated[bool, Arg("Give each command a terminal.", default=False)]
    _stdin: Annotated[Any, Arg("What each command reads on its standard input: text, lines, or a file object.")]
    _temp_dir: Annotated[str | None, Arg("The directory for temporary files on the host.", config="TEMP_DIR")]
    _retries: Annotated[int, Arg("How often a failed operation is tried again.", config="RETRY", default=0)]
    _retry_delay: Annotated[float, Arg("Seconds between tries.", config="RETRY_DELAY", default=5)]
    _retry_until: Annotated[
        Callable[[dict[str, Any]], bool] | None, Arg("Try again while this returns true for the last try's output.")
    ]


class MetaArguments(TypedDict, total=False):
    """What an operation is called, whether and where it runs, and what its failure means."""

    name: Annotated[str | None, Arg("What the operation is called in output.")]
    _ignore_errors: Annotated[bool, Arg("Go on after a failure.", config="IGNORE_ERRORS", default=False)]
    _continue_on_error: Annotated[
        bool, Arg("Run the operation's other commands after one failed; it has failed all the same.", default=False)
    ]
    _if: Annotated[
        Callable[[], Any] | Sequence[Callable[[], Any]] | None, Arg("Run only if this returns true; a list: if all do.")
    ]
    _parallel: Annotated[int, Arg("On at most this many hosts at a time (0: all).", config="PARALLEL", default=0)]
    _run_once: Annotated[bool, Arg("On the first living host only.", default=False)]
    _serial: Annotated[bool, Arg("On one host after another, in inventory order.", default=False)]


class GlobalArguments(ConnectorArguments, MetaArguments, total=False):
    """Everything an operation takes besides its own parameters."""


@record
class Declared:
    """One global argument, as listed above."""

    name: str
    type: Any
    arg: Arg
    connector: bool


#: Connector arguments that belong to the operation they were given to, not to what runs inside it.
NOT_INHERITED = frozenset(
    {"_stdin", "_success_exit_codes", "_timeout", "_get_pty", "_retries", "_retry_delay", "_retry_until"}
)


@functools.cache
def declared() -> dict[str, Declared]:
    """Return every global argument's type and meaning, in the order listed above."""
    connector = get_type_hints(ConnectorArguments, include_extras=True)
    hints = {**connector, **get_type_hints(MetaArguments, include_extras=True)}
    return {key: Declared(key, hint.__origin__, hint.__metadata__[0], key in connector) for key, hint in hints.items()}


@functools.cache
def connector_names() -> frozenset[str]:
    """Return the names of the arguments that facts and single commands take too."""
    return frozenset(name for name, entry in declared().items() if entry.connector)
