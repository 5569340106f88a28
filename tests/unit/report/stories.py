"""Runs as lists of events, made by hand: one for everything that can become of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ropewalk.model.command import Change, Diff
from ropewalk.model.event import (
    CommandEnded,
    CommandResult,
    CommandStarted,
    ConnectEnded,
    ConnectStarted,
    Event,
    FactRead,
    FactValue,
    Failure,
    HostEnded,
    Location,
    Noted,
    OperationEnded,
    OperationInfo,
    OperationPlanned,
    OperationRetried,
    OperationStarted,
    OutputLine,
    PassEnded,
    PassStarted,
    PlanIncomplete,
    RunEnded,
    RunStarted,
    Traffic,
    TrafficCounted,
)
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome, Prediction, Skip

STORIES: dict[str, Callable[[], list[Event]]] = {}


def story(function: Callable[[], list[Event]]) -> Callable[[], list[Event]]:
    STORIES[function.__name__] = function
    return function


def operation(line: int, name: str, function: str = "server.shell", parent: str | None = None, *arguments: str) -> Any:
    where = Location("deploy.py", line)
    return OperationInfo(f"op{line}", name, function, arguments, where, parent, (0, line))


INSTALL = operation(4, "Install nginx", "apt.packages")
CONFIG = operation(7, "files.template", "files.template", None, "src=nginx.conf.j2", "dest=/etc/nginx/nginx.conf")
RESTART = operation(12, "Restart nginx", "systemd.service")
ROLL_OUT = operation(20, "Roll out the app", "python.call")
MIGRATE = operation(31, "Migrate the database", "server.shell", "op20")
LATER = operation(40, "Tell the load balancer")


def command(text: str, exit_code: int | None = 0, stdout: str = "", stderr: str = "", **rest: Any) -> CommandResult:
    rest.setdefault("error", f"exit status {exit_code}" if exit_code else None)
    return CommandResult(text, exit_code, exit_code == 0, 0.25, stdout, stderr, **rest)


def failure(message: str = "exit status 100", kind: str = "CommandFailed", **rest: Any) -> Failure:
    return Failure(kind, message, **rest)


def begin(*hosts: str, mode: str = "deploy", unreachable: dict[str, Failure] | None = None) -> list[Event]:
    away = unreachable or {}
    connected: list[Event] = []
    for host in hosts:
        connected += [ConnectStarted(host), ConnectEnded(host, 0.1, away.get(host))]
    ended = [HostEnded(host, HostStatus.UNREACHABLE, why) for host, why in away.items()]
    return [
        RunStarted(hosts, "1.2.3", mode),
        PassStarted("connect"),
        *connected,
        *ended,
        PassEnded("connect", 0.4),
    ]


def plan(*entries: Event, ends: Iterable[Event] = ()) -> list[Event]:
    return [PassStarted("plan"), *entries, *ends, PassEnded("plan", 0.3)]


def change(operation: OperationInfo, *hosts: str, **rest: Any) -> list[Event]:
    return [OperationPlanned(host, operation, Prediction.CHANGE, **rest) for host in hosts]


def no_change(operation: OperationInfo, *hosts: str) -> list[Event]:
    return [OperationPlanned(host, operation, Prediction.NO_CHANGE, reason="it is as wanted") for host in hosts]


def step(operation: OperationInfo, ends: dict[str, OperationEnded | Outcome]) -> list[Event]:
    """Return the events of one operation on several hosts at once."""
    made: list[Event] = [OperationStarted(host, operation) for host in ends]
    for host, end in ends.items():
        made.append(OperationEnded(host, operation, end, 0.5) if isinstance(end, Outcome) else end)
    return made


def failed(host: str, operation: OperationInfo, why: Failure | None = None, **rest: Any) -> OperationEnded:
    broken = rest.pop("commands", None)
    if broken is None:
        broken = (
            command("apt-get install -y nginx", 100, "Reading package lists...\n", "E: Unable to locate nginx\n"),
        )
    return OperationEnded(
        host, operation, Outcome.FAILED, 0.5, commands=broken, failure=why or failure(broken[-1].error or ""), **rest
    )


def apply(*events: Event) -> list[Event]:
    return [PassStarted("apply"), *events, PassEnded("apply", 2.0)]


def end(status: ExitStatus, hosts: dict[str, HostStatus | Failure], stopped_by: Failure | None = None) -> list[Event]:
    ended: list[Event] = []
    for host, how in hosts.items():
        if isinstance(how, Failure):
            ended.append(HostEnded(host, HostStatus.FAILED, how))
        else:
            ended.append(HostEnded(host, how))
        ended.append(TrafficCounted(host, Traffic(4, 1, 7, 9, 2300, 51_000_000, 1.75)))
    return [*ended, RunEnded(status, 3.14, stopped_by)]


OK, FAILED, UNREACHABLE = HostStatus.OK, HostStatus.FAILED, HostStatus.UNREACHABLE
CHANGED, SAME = Outcome.CHANGED, Outcome.OK


@story
def everything_well() -> list[Event]:
    three = ("web1", "web2", "web3")
    diff = Diff("/etc/nginx/nginx.conf", "a\nworkers 1;\nb\n", "a\nworkers 4;\nb\n")
    return [
        *begin(*three),
        *plan(
            *change(INSTALL, "web1", "web3", commands=("apt-get install -y nginx",)),
            *no_change(INSTALL, "web2"),
            *change(CONFIG, *three, changes=(Change("mode", "644", "600"),), diffs=(diff,)),
            *change(RESTART, *three, commands=("systemctl restart nginx",), conditional=True),
            *[OperationPlanned("web1", LATER, Prediction.SKIPPED, reason="its condition is false")],
        ),
        *apply(
            *step(INSTALL, {"web1": CHANGED, "web2": SAME, "web3": CHANGED}),
            *step(CONFIG, dict.fromkeys(three, CHANGED)),
            *step(RESTART, dict.fromkeys(three, CHANGED)),
            OperationEnded("web1", LATER, Outcome.SKIPPED, skip=Skip.CONDITION),
        ),
        *end(ExitStatus.OK, dict.fromkeys(three, OK)),
    ]


@story
def nothing_to_do() -> list[Event]:
    return [
        *begin("web1"),
        *plan(*no_change(INSTALL, "web1"), *no_change(CONFIG, "web1"), ends=[HostEnded("web1", OK)]),
        *end(ExitStatus.OK, {"web1": OK}),
    ]


@story
def one_of_three_fails() -> list[Event]:
    three = ("web1", "web2", "web3")
    return [
        *begin(*three),
        *plan(*change(INSTALL, *three), *change(RESTART, *three), *change(LATER, *three)),
        *apply(
            *step(INSTALL, {"web1": CHANGED, "web2": failed("web2", INSTALL), "web3": CHANGED}),
            *step(RESTART, {"web1": CHANGED, "web3": CHANGED}),
            *step(LATER, {"web1": CHANGED, "web3": CHANGED}),
        ),
        *end(ExitStatus.FAILED, {"web1": OK, "web2": failure(), "web3": OK}),
    ]


@story
def failure_ignored() -> list[Event]:
    ignored = OperationEnded(
        "web1", INSTALL, Outcome.IGNORED, 0.5, commands=(command("false", 1),), failure=failure("exit status 1")
    )
    return [
        *begin("web1"),
        *plan(*change(INSTALL, "web1"), *change(LATER, "web1")),
        *apply(*step(INSTALL, {"web1": ignored}), *step(LATER, {"web1": CHANGED})),
        *end(ExitStatus.OK, {"web1": OK}),
    ]


def _nested(outer: OperationEnded | None, status: HostStatus | Failure, exit: ExitStatus) -> list[Event]:
    consequence = outer or failed(
        "web1", ROLL_OUT, failure("Migrate the database failed", caused_by_nested=True), commands=()
    )
    broken = (command("manage migrate", 1, stderr="relation exists\n"),)
    return [
        *begin("web1", "web2"),
        *plan(
            *[OperationPlanned(host, ROLL_OUT, Prediction.UNKNOWN, reason="a callback") for host in ("web1", "web2")],
            *change(LATER, "web1", "web2"),
        ),
        *apply(
            OperationStarted("web1", ROLL_OUT),
            OperationStarted("web2", ROLL_OUT),
            OperationStarted("web1", MIGRATE),
            OperationStarted("web2", MIGRATE),
            failed("web1", MIGRATE, failure("exit status 1"), commands=broken),
            OperationEnded("web2", MIGRATE, CHANGED, 1.5),
            consequence,
            OperationEnded("web2", ROLL_OUT, CHANGED, 1.75),
            *step(LATER, {"web2": CHANGED} if isinstance(status, Failure) else {"web1": CHANGED, "web2": CHANGED}),
        ),
        *end(exit, {"web1": status, "web2": OK}),
    ]


@story
def nested_failure() -> list[Event]:
    return _nested(None, failure("Migrate the database failed", caused_by_nested=True), ExitStatus.FAILED)


@story
def nested_failure_ignored_outside() -> list[Event]:
    why = failure("Migrate the database failed", caused_by_nested=True)
    return _nested(OperationEnded("web1", ROLL_OUT, Outcome.IGNORED, 0.5, failure=why), OK, ExitStatus.OK)


@story
def deploy_code_raises() -> list[Event]:
    trace = 'Traceback (most recent call last):\n  File "deploy.py", line 14\nZeroDivisionError: division by zero'
    why = failure(
        "ZeroDivisionError: division by zero", "ZeroDivisionError", where=Location("deploy.py", 14), traceback=trace
    )
    return [
        *begin("web1", "web2"),
        *plan(*change(INSTALL, "web1", "web2"), ends=[HostEnded("web1", FAILED, why)]),
        *apply(*step(INSTALL, {"web2": CHANGED})),
        *end(ExitStatus.FAILED, {"web1": why, "web2": OK}),
    ]


@story
def error_in_plan() -> list[Event]:
    why = failure("there is no file nginx.conf.j2", "OperationError", where=Location("deploy.py", 7), hint="create it")
    return [
        *begin("web1", "web2"),
        *plan(
            *change(INSTALL, "web1", "web2"),
            *[OperationPlanned(host, CONFIG, Prediction.ERROR, failure=why) for host in ("web1", "web2")],
            ends=[HostEnded(host, FAILED, why) for host in ("web1", "web2")],
        ),
        *end(ExitStatus.FAILED, {"web1": why, "web2": why}),
    ]


@story
def plan_incomplete() -> list[Event]:
    return [
        *begin("web1"),
        *plan(
            *change(INSTALL, "web1"),
            PlanIncomplete("web1", "the result of server.shell cannot be known before it is applied", RESTART.where),
        ),
        *end(ExitStatus.CHANGES, {"web1": OK}),
    ]


@story
def one_unreachable() -> list[Event]:
    away = {"web2": failure("192.0.2.1:22: connection refused", "ConnectError", hint="is sshd running?")}
    return [
        *begin("web1", "web2", unreachable=away),
        *plan(*change(INSTALL, "web1")),
        *apply(*step(INSTALL, {"web1": CHANGED})),
        *end(ExitStatus.UNREACHABLE, {"web1": OK, "web2": UNREACHABLE}),
    ]


@story
def all_unreachable() -> list[Event]:
    away = {host: failure("no answer within 10 seconds", "ConnectError") for host in ("web1", "web2")}
    return [
        *begin("web1", "web2", unreachable=away),
        *end(ExitStatus.UNREACHABLE, {"web1": UNREACHABLE, "web2": UNREACHABLE}),
    ]


@story
def connection_lost() -> list[Event]:
    why = failure("web1: the connection was lost", "ConnectionLost")
    lost = failed("web1", INSTALL, why, commands=(command("apt-get install -y nginx", None, error=why.message),))
    return [
        *begin("web1"),
        *plan(*change(INSTALL, "web1"), *change(LATER, "web1")),
        *apply(*step(INSTALL, {"web1": lost})),
        HostEnded("web1", UNREACHABLE, why),
        RunEnded(ExitStatus.FAILED, 3.14),
    ]


@story
def retried() -> list[Event]:
    return [
        *begin("web1"),
        *plan(*change(INSTALL, "web1")),
        *apply(
            OperationStarted("web1", INSTALL),
            OperationRetried("web1", INSTALL, 1, 2, 5, "exit status 100"),
            OperationEnded("web1", INSTALL, CHANGED, 6.0, attempts=2),
        ),
        *end(ExitStatus.OK, {"web1": OK}),
    ]


@story
def interrupted() -> list[Event]:
    cancelled = OperationEnded("web1", INSTALL, Outcome.CANCELLED, 0.5)
    why = failure("stopped by the user", "Interrupted")
    return [
        *begin("web1"),
        *plan(*change(INSTALL, "web1"), *change(LATER, "web1")),
        *apply(*step(INSTALL, {"web1": cancelled})),
        *end(ExitStatus.INTERRUPTED, {"web1": HostStatus.CANCELLED}, why),
    ]


@story
def refused() -> list[Event]:
    return [
        *begin("web1"),
        *plan(*change(INSTALL, "web1")),
        *end(ExitStatus.INTERRUPTED, {"web1": OK}, failure("not applied: the answer was no", "Refused")),
    ]


@story
def usage_error() -> list[Event]:
    why = failure("there is no file deploi.py", "LoadError", where=Location("deploi.py", 1), hint="deploy.py?")
    return [RunStarted(("web1",), "1.2.3", "deploy"), RunEnded(ExitStatus.USAGE, 0.01, why)]


@story
def bug_in_ropewalk() -> list[Event]:
    why = failure(
        "IndexError: list index out of range", "IndexError", traceback="Traceback ...\nIndexError", hint="please report"
    )
    return [*begin("web1"), RunEnded(ExitStatus.INTERNAL, 0.2, why)]


def _why(ended: OperationEnded | Outcome) -> HostStatus | Failure:
    return ended.failure if isinstance(ended, OperationEnded) and ended.failure else OK


@story
def many_hosts() -> list[Event]:
    names = [f"web{number:03d}" for number in range(1, 501)]
    bad = set(names[10:400:10])
    odd = names[450:]
    ends: dict[str, OperationEnded | Outcome] = {
        name: failed(name, INSTALL) if name in bad else SAME if name in odd else CHANGED for name in names
    }
    for name in names[460:475]:
        ends[name] = failed(name, INSTALL, commands=(command("apt-get update", 1, stderr=f"{name}: no space\n"),))
        bad.add(name)
    return [
        *begin(*names),
        *plan(*change(INSTALL, *names), *change(LATER, *names)),
        *apply(*step(INSTALL, ends), *step(LATER, {name: CHANGED for name in names if name not in bad})),
        *end(ExitStatus.FAILED, {name: _why(ends[name]) if name in bad else OK for name in names}),
    ]


@story
def hostile_text() -> list[Event]:
    nasty = operation(3, "[bold]x[/bold] \x1b[2J\x1b]0;title\x07 \u202eabc", "server.shell")
    broken = (command("printf '\x1b[31m'", 1, "\x1b[31mred\x1b[0m\rback\n", "[red]markup[/red] \x07\n"),)
    return [
        *begin("web\x1b[5m1"),
        Noted("warning", "look [bold]here[/bold]\x1b[1m", "web\x1b[5m1"),
        *plan(*change(nasty, "web\x1b[5m1", diffs=(Diff("/x\x1b[1m", "a", "b\x1b[2J\n"),))),
        *apply(*step(nasty, {"web\x1b[5m1": failed("web\x1b[5m1", nasty, commands=broken)})),
        *end(ExitStatus.FAILED, {"web\x1b[5m1": failure("exit status 1")}),
    ]


def _exec(*hosts: str, bad: tuple[str, ...] = ()) -> list[Event]:
    shell = OperationInfo("exec", "exec", "server.shell", ("uptime",))
    lines: list[Event] = [OutputLine(host, "up 3 days", "stdout", "exec") for host in hosts]
    broken = (command("uptime", 3, "up 3 days\n", "oh no\n"),)
    ends: dict[str, OperationEnded | Outcome] = {
        host: failed(host, shell, failure("exit status 3"), commands=broken) if host in bad else CHANGED
        for host in hosts
    }
    started, ended = step(shell, ends)[: len(hosts)], step(shell, ends)[len(hosts) :]
    lines += [OutputLine(host, "oh no", "stderr", "exec") for host in bad]
    return [
        *begin(*hosts, mode="exec"),
        *apply(*started, *lines, *ended),
        *end(
            ExitStatus.FAILED if bad else ExitStatus.OK,
            {host: failure("exit status 3") if host in bad else OK for host in hosts},
        ),
    ]


@story
def exec_one() -> list[Event]:
    return _exec("web1")


@story
def exec_some_fail() -> list[Event]:
    return _exec("web1", "web2", bad=("web2",))


@story
def facts() -> list[Event]:
    why = failure("the command of server.Users ended with exit status 1", "FactError")
    return [
        *begin("web1", "web2", mode="fact"),
        PassStarted("apply"),
        FactRead("web1", "server.Users", "", 0.1),
        FactValue("web1", "server.Users", "", {"root": {"uid": 0, "groups": {"b", "a"}}}),
        FactValue("web2", "server.Users", "", None, why),
        FactValue("web1", "files.File", "path=/etc/hosts", {"mode": 644}),
        FactValue("web2", "files.File", "path=/etc/hosts", object),
        *end(ExitStatus.FAILED, {"web1": OK, "web2": why}),
    ]


@story
def verbose_details() -> list[Event]:
    two = ("web1", "web2")
    return [
        *begin(*two),
        *plan(*change(INSTALL, *two, commands=("apt-get install -y nginx",)), *no_change(CONFIG, *two)),
        *apply(
            OperationStarted("web1", INSTALL),
            CommandStarted("web1", "apt-get install -y nginx", "op4"),
            OutputLine("web1", "Reading package lists...", "stdout", "op4"),
            OutputLine("web1", "W: an old key", "stderr", "op4"),
            CommandEnded("web1", command("apt-get install -y nginx"), "op4"),
            FactRead("web1", "files.File", "path=/etc/hosts", 0.1),
            OperationEnded("web1", INSTALL, CHANGED, 2.0),
            *step(CONFIG, {"web1": OperationEnded("web1", CONFIG, SAME, 0.0, reason="the file is as wanted")}),
            Noted("info", "said by the deploy", "web1"),
            Noted("info", "said by the deploy", "web1"),
        ),
        *end(ExitStatus.OK, {"web1": OK, "web2": OK}),
    ]
