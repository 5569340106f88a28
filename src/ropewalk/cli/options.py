"""Every option of the command line: the one list that parsing, help and the commands read."""

# Annotations are kept as they are, not as text: they are read in every run, and text would have to be compiled first.
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import click

from ropewalk.model.record import record


@record
class Opt:
    """How a field of :class:`Options` is written on the command line.

    :param flags: its names, as click takes them.
    :param help: one sentence.
    :param section: the heading of ``--help`` it is listed under.
    :param kwargs: further arguments of ``click.Option``.
    """

    flags: tuple[str, ...]
    help: str
    section: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def _opt(section: str, *flags: str, help: str, **kwargs: Any) -> Opt:
    return Opt(flags, help, section, kwargs)


_HOSTS, _PRIVILEGES, _SSH, _RUN, _OUTPUT = "Hosts and data", "Privileges", "SSH", "The run", "Output"
_EXPORTS = "For other programs"
_COUNT = click.IntRange(min=0)
_SECONDS = click.FloatRange(min=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says, as it was typed; defaults mean that nothing was said."""

    limit: Annotated[
        tuple[str, ...],
        _opt(_HOSTS, "--limit", help="Only these hosts: names, groups or patterns, separated by commas."),
    ] = ()
    exclude: Annotated[tuple[str, ...], _opt(_HOSTS, "--exclude", help="Not these hosts; written as for --limit.")] = ()
    failed: Annotated[
        str | None,
        _opt(_HOSTS, "--failed", metavar="[=RUN]", help="Only hosts that did not end well in the last run, or in RUN."),
    ] = None
    resume: Annotated[
        str | None,
        _opt(
            _HOSTS, "--resume", metavar="[=RUN]", help="As --failed, and leave out what was done; for the same deploy."
        ),
    ] = None
    data: Annotated[
        tuple[str, ...], _opt(_HOSTS, "--data", metavar="KEY=VALUE", help="Host data that wins over every other.")
    ] = ()
    group_data: Annotated[
        tuple[str, ...], _opt(_HOSTS, "--group-data", metavar="PATH", help="A file or directory with more group data.")
    ] = ()
    blame: Annotated[
        bool, _opt(_HOSTS, "--blame", help="With debug-inventory: say where each value and each group comes from.")
    ] = False
    config: Annotated[
        str | None,
        _opt(_HOSTS, "--config", metavar="FILE", help="The config file (default: config.py, if there is one)."),
    ] = None
    chdir: Annotated[
        str | None,
        _opt(_HOSTS, "--chdir", metavar="DIR", help="Work in this directory; other paths are relative to it."),
    ] = None

    sudo: Annotated[bool, _opt(_PRIVILEGES, "--sudo", help="Run everything through sudo.")] = False
    sudo_user: Annotated[
        str | None, _opt(_PRIVILEGES, "--sudo-user", metavar="USER", help="The user sudo runs as (default: root).")
    ] = None
    use_sudo_password: Annotated[
        bool, _opt(_PRIVILEGES, "--use-sudo-password", help="Ask for the sudo password before the run, for all hosts.")
    ] = False
    same_sudo_password: Annotated[
        bool, _opt(_PRIVILEGES, "--same-sudo-password", help="Ask once: all hosts have the same sudo password.")
    ] = False
    use_sudo_login: Annotated[bool, _opt(_PRIVILEGES, "--use-sudo-login", help="Let sudo start a login shell.")] = False
    su_user: Annotated[str | None, _opt(_PRIVILEGES, "--su-user", metavar="USER", help="Run as this user, by su.")] = (
        None
    )
    dzdo: Annotated[bool, _opt(_PRIVILEGES, "--dzdo", help="Run everything through dzdo.")] = False
    dzdo_user: Annotated[
        str | None, _opt(_PRIVILEGES, "--dzdo-user", metavar="USER", help="The user dzdo runs as.")
    ] = None
    shell_executable: Annotated[
        str | None,
        _opt(_PRIVILEGES, "--shell-executable", metavar="SHELL", help="The shell on the hosts (default: sh)."),
    ] = None

    ssh_user: Annotated[
        str | None, _opt(_SSH, "--ssh-user", "--user", metavar="USER", help="The user to log in as.")
    ] = None
    ssh_port: Annotated[
        int | None, _opt(_SSH, "--ssh-port", "--port", type=click.IntRange(1, 65535), metavar="N", help="The port.")
    ] = None
    ssh_key: Annotated[str | None, _opt(_SSH, "--ssh-key", "--key", metavar="FILE", help="The private key.")] = None
    ssh_key_password: Annotated[
        str | None,
        _opt(_SSH, "--ssh-key-password", "--key-password", metavar="TEXT", help="The passphrase of the private key."),
    ] = None
    ssh_password: Annotated[
        str | None,
        _opt(
            _SSH, "--ssh-password", "--password", metavar="TEXT", help="The password to log in with; others can see it."
        ),
    ] = None
    ssh_password_prompt: Annotated[
        bool, _opt(_SSH, "--ssh-password-prompt", help="Ask for the password to log in with.")
    ] = False
    ssh_backend: Annotated[
        str | None,
        _opt(
            _SSH,
            "--ssh-backend",
            type=click.Choice(["asyncssh", "openssh"]),
            help="Connect in this process, or by ssh.",
        ),
    ] = None
    jump: Annotated[
        str | None, _opt(_SSH, "--jump", metavar="[USER@]HOST[:PORT]", help="Connect through this host; several: a,b.")
    ] = None

    dry: Annotated[bool, _opt(_RUN, "--dry", help="Plan, and apply nothing.")] = False
    yes: Annotated[
        bool,
        _opt(
            _RUN, "-y", "--yes", envvar=["ROPEWALK_YES", "PYINFRA_YES"], show_envvar=True, help="Apply without asking."
        ),
    ] = False
    no_plan: Annotated[bool, _opt(_RUN, "--no-plan", help="Apply without planning before; needs -y.")] = False
    detailed_exitcode: Annotated[
        bool, _opt(_RUN, "--detailed-exitcode", help="With --dry: exit with status 3 when there is something to apply.")
    ] = False
    no_history: Annotated[bool, _opt(_RUN, "--no-history", help="Do not record this run.")] = False
    parallel: Annotated[
        int | None,
        _opt(_RUN, "--parallel", type=_COUNT, metavar="N", help="At most this many hosts at a time (0: all)."),
    ] = None
    serial: Annotated[bool, _opt(_RUN, "--serial", help="One host after the other.")] = False
    no_wait: Annotated[bool, _opt(_RUN, "--no-wait", help="Let hosts run ahead of each other.")] = False
    fail_percent: Annotated[
        int | None,
        _opt(
            _RUN,
            "--fail-percent",
            type=click.IntRange(0, 100),
            metavar="N",
            help="Stop when more than this share of hosts failed.",
        ),
    ] = None
    retry: Annotated[
        int | None,
        _opt(_RUN, "--retry", type=_COUNT, metavar="N", help="Try failed operations again this often (default: 0)."),
    ] = None
    retry_delay: Annotated[
        float | None,
        _opt(_RUN, "--retry-delay", type=_SECONDS, metavar="SECONDS", help="Seconds between tries (default: 5)."),
    ] = None

    verbosity: Annotated[
        int,
        _opt(
            _OUTPUT, "-v", count=True, help="-v: commands of the plan; -vv: commands as they run; -vvv: their output."
        ),
    ] = 0
    diff: Annotated[bool, _opt(_OUTPUT, "--diff", help="Show the differences of text files.")] = False
    json: Annotated[bool, _opt(_OUTPUT, "--json", help="Write one JSON document to standard output.")] = False
    stats: Annotated[bool, _opt(_OUTPUT, "--stats", help="Show what it took to talk to each host.")] = False
    debug: Annotated[bool, _opt(_OUTPUT, "--debug", help="Show debug logs and tracebacks.")] = False
    debug_all: Annotated[bool, _opt(_OUTPUT, "--debug-all", help="Show debug logs of every library.")] = False
    debug_facts: Annotated[
        bool, _opt(_OUTPUT, "--debug-facts", help="Plan, show the facts that were read, and apply nothing.")
    ] = False
    debug_operations: Annotated[
        bool, _opt(_OUTPUT, "--debug-operations", help="Plan, show all operations and commands, and apply nothing.")
    ] = False

    events: Annotated[
        str | None,
        _opt(_EXPORTS, "--events", metavar="FILE", help="Write every event as a line of JSON; -: to standard output."),
    ] = None
    junit: Annotated[str | None, _opt(_EXPORTS, "--junit", metavar="FILE", help="Write a JUnit report.")] = None
    html: Annotated[
        str | None, _opt(_EXPORTS, "--html", metavar="FILE", help="Write a page for people, which needs no network.")
    ] = None
    github: Annotated[
        bool | None,
        _opt(
            _EXPORTS,
            "--github/--no-github",
            default=None,
            help="Annotate failures, and write a summary, for GitHub Actions (default: where it runs).",
        ),
    ] = None
    otel: Annotated[
        bool | None,
        _opt(
            _EXPORTS,
            "--otel/--no-otel",
            default=None,
            help="Send traces to OpenTelemetry (default: if OTEL_EXPORTER_OTLP_ENDPOINT is set).",
        ),
    ] = None

    @property
    def stdout_is_taken(self) -> bool:
        """Whether standard output is for one kind of data, and nothing else may be written there."""
        return self.json or self.events == "-"

    @property
    def plan_only(self) -> bool:
        """Whether nothing may be applied, whatever the plan says; as in v3, --json cannot ask and so needs -y."""
        return self.dry or self.debug_facts or self.debug_operations or (self.json and not self.yes)


def click_options() -> Iterator[tuple[str, click.Option]]:
    """Yield every option for click, each with the heading it belongs under."""
    hints = get_type_hints(Options, include_extras=True)
    for entry in fields(Options):
        type_, opt = get_args(hints[entry.name])
        yield opt.section, _click_option(entry.name, type_, entry.default, opt)


def _click_option(name: str, type_: Any, default: Any, opt: Opt) -> click.Option:
    kwargs: dict[str, Any] = {"help": opt.help, **opt.kwargs}
    if type_ is bool:
        kwargs["is_flag"] = True
    elif get_origin(type_) is tuple:
        kwargs["multiple"] = True
    elif get_origin(type_) is types.UnionType:
        kwargs.setdefault("type", get_args(type_)[0])
    if default is not MISSING and default is not None and not kwargs.get("multiple"):
        kwargs["default"] = default
    return click.Option([*opt.flags, name], **kwargs)
