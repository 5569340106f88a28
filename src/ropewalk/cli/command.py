"""The command line: what its words mean, and what becomes of every error that ends it."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

import click

from ropewalk.cli import earlier
from ropewalk.cli.completion import complete_inventory, complete_operations
from ropewalk.cli.ending import ending
from ropewalk.cli.options import Options, click_options
from ropewalk.cli.output import CannotWrite, failure_of, reserved_stdout, tell_stopped
from ropewalk.model.errors import UsageError
from ropewalk.model.event import Failure
from ropewalk.model.outcome import ExitStatus
from ropewalk.model.suggest import did_you_mean

if TYPE_CHECKING:
    from ropewalk.cli.exports import Exports

COMMANDS = ("exec", "fact", "debug-inventory")

SHORT_HELP = """\
usage: ropewalk [OPTIONS] INVENTORY deploy.py ...             run deploys
       ropewalk [OPTIONS] INVENTORY module.operation ARG ...  run one operation
       ropewalk [OPTIONS] INVENTORY exec -- COMMAND           run a command
       ropewalk [OPTIONS] INVENTORY fact module.Fact ...      show facts
       ropewalk [OPTIONS] INVENTORY debug-inventory           show hosts and their data
       ropewalk docs [NAME ...]                               show what operations and facts do
       ropewalk history | show | diff | stats                 show what earlier runs came to
       ropewalk --help
"""

HELP = """Plan and apply deploys on hosts.

INVENTORY is a file (inventory.py, inventory.yaml), hosts (web1,web2,@local), another tool's (@ansible/hosts), or a
function or list of a module (module:name).

\b
What to do with it is one of:
  deploy.py ...             run deploy files, one after the other
  module.operation ARG ...  run one operation: files.directory /srv/app mode=755
  exec -- COMMAND           run a command: one word is a script, several are a program and its arguments
  fact module.Fact ...      show facts: server.Hostname files.File path=/etc/hosts
  debug-inventory           show hosts, their groups and their data

`ropewalk docs`, without an inventory, lists all operations and facts; `ropewalk docs files.put` explains one.

`ropewalk history` lists earlier runs; show, diff and stats tell more of them (see their --help).

Options may stand before and after; behind -- nothing is an option.
"""


def invoke(argv: Sequence[str]) -> int:
    """Do what the arguments say; whatever goes wrong becomes a message (or JSON) and an exit status."""
    if not argv and f"_{PROGRAM.upper()}_COMPLETE" not in os.environ:
        sys.stderr.write(SHORT_HELP)
        return int(ExitStatus.USAGE)
    own = list(argv[: list(argv).index("--")]) if "--" in argv else list(argv)
    as_json, debug = "--json" in own, "--debug" in own or "--debug-all" in own
    argv = earlier.with_values(argv)
    try:
        if earlier.is_meant(argv):
            from ropewalk.cli import history

            return history.run(argv, PROGRAM)
        return int(command().main(list(argv), prog_name=PROGRAM, standalone_mode=False) or 0)
    except BrokenPipeError:
        _forget_stdout()
        return int(ExitStatus.FAILED)
    except (Exception, KeyboardInterrupt) as error:
        return _stopped(*ending(error), as_json and not isinstance(error, CannotWrite), debug)


PROGRAM = "ropewalk"


_LAST = "Help"


class _Command(click.Command):
    """Lists options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        headings = {option.name: section for section, option in click_options()}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                sections.setdefault(headings.get(parameter.name, _LAST), []).append(record)
        for heading, records in sorted(sections.items(), key=lambda section: section[0] == _LAST):
            with formatter.section(heading):
                formatter.write_dl(records, col_max=34)


def command() -> click.Command:
    """Return the command line as click knows it."""
    return _Command(
        PROGRAM,
        callback=_callback,
        help=HELP,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
        params=[
            click.Argument(["inventory"], required=False, metavar="INVENTORY", shell_complete=complete_inventory),
            click.Argument(["operations"], nargs=-1, metavar="WHAT...", shell_complete=complete_operations),
            *(option for _, option in click_options()),
            click.Option(["--support"], is_flag=True, help="Show what a report of a problem should say, and exit."),
            click.Option(["--version"], is_flag=True, help="Show the version, and exit."),
        ],
    )


def _callback(inventory: str | None, operations: tuple[str, ...], support: bool, version: bool, **given: Any) -> int:
    if version or support:
        from ropewalk.cli.support import lines

        click.echo("\n".join(lines()) if support else lines()[0].split(" (")[0].replace(":", ""))
        return int(ExitStatus.OK)
    options = Options(**given)
    if inventory == "docs":
        return _docs(options, operations)
    check(options)
    if inventory is None or not operations:
        raise UsageError(
            "there is no inventory" if inventory is None else f"there is nothing to do with {inventory}",
            hint="as in: ropewalk inventory.py deploy.py, or: ropewalk web1 exec -- uptime",
        )
    from ropewalk.cli.exports import exporting

    asked = (inventory, *operations)
    with reserved_stdout() as data, _logging(options), exporting(options, operations[0], data, asked) as exports:
        return dispatch(options, inventory, operations, data, exports)


def _docs(options: Options, words: Sequence[str]) -> int:
    if options != Options(debug=options.debug, debug_all=options.debug_all):
        raise UsageError(
            "docs takes names of operations and facts, and no options",
            hint="to run something on a host that is called docs, write @ssh/docs",
        )
    from ropewalk.cli import docs

    with reserved_stdout() as data:
        return docs.run(words, data)


def check(options: Options) -> None:
    """Raise ``UsageError`` for options that make no sense together."""
    if options.no_plan and not options.yes:
        raise UsageError("--no-plan needs -y: without a plan there is nothing to ask about")
    if options.no_plan and options.plan_only:
        raise UsageError("--no-plan leaves nothing to do with --dry, --debug-facts or --debug-operations")
    if options.serial and options.no_wait:
        raise UsageError("--serial and --no-wait exclude each other")
    if options.failed and options.resume:
        raise UsageError("--failed and --resume exclude each other", hint="--resume chooses the same hosts")
    if options.detailed_exitcode and not options.dry:
        raise UsageError("--detailed-exitcode has no effect without --dry")
    if options.events == "-" and (options.json or options.debug_facts):
        other = "--json" if options.json else "--debug-facts"
        raise UsageError(f"--events - and {other} both write to standard output", hint="give --events a file")
    if options.junit == "-":
        raise UsageError("--junit takes a file: standard output is for --json and --events")
    if options.html == "-":
        raise UsageError("--html takes a file: standard output is for --json and --events")


def dispatch(options: Options, inventory: str, words: Sequence[str], data: IO[str], exports: Exports) -> int:
    """Find out what the words ask for, and do it."""
    from ropewalk.compat.names import activate

    activate()
    from ropewalk.cli import debug_inventory, deploy, exec, fact, operation
    from ropewalk.cli.run import Session

    session, first = Session(options, data, exports), words[0]
    if options.blame and first != "debug-inventory":
        raise UsageError("--blame has no effect without debug-inventory")
    match first:
        case "exec":
            return exec.run(session, inventory, words[1:])
        case "fact":
            return fact.run(session, inventory, words[1:])
        case "debug-inventory":
            return debug_inventory.run(session, inventory, words[1:])
    if first.endswith(".py"):
        return deploy.run(session, inventory, words)
    if "." in first or ":" in first:
        return operation.run(session, inventory, first, words[1:])
    raise UsageError(
        f"{first or repr(first)} is neither a deploy file nor an operation nor a command", hint=_hint(first)
    )


def _hint(word: str) -> str | None:
    if os.path.isdir(word):
        return f"{word} is a directory: name the deploy files in it"
    if os.path.exists(word):
        return f"deploy files end with .py: rename {word}"
    return did_you_mean(word, COMMANDS, kind="what there is, besides deploy files and operations")


@contextlib.contextmanager
def _logging(options: Options) -> Iterator[None]:
    """Show debug logs on standard error, where they are asked for."""
    if not (options.debug or options.debug_all):
        yield
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("debug: %(name)s: %(message)s"))
    logger = logging.getLogger(None if options.debug_all else PROGRAM)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def _stopped(failure: Failure, status: ExitStatus, as_json: bool, debug: bool) -> int:
    if not debug and status is not ExitStatus.INTERNAL:
        failure = replace(failure, traceback=None)
    try:
        tell_stopped(failure, status, as_json=as_json, debug=debug, data=sys.stdout)
    except CannotWrite as error:
        _forget_stdout()
        tell_stopped(failure_of(error), status, as_json=False, debug=debug, data=sys.stdout)
    return int(status)


def _forget_stdout() -> None:
    """Let nothing be written to a pipe that nobody reads, not even when the interpreter ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
