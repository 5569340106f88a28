"""Makes rows of the history database of a journal: of a run that has ended, or whose process was killed."""

from __future__ import annotations

import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ropewalk.history.codec import dumps
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome

#: Characters of the end of a failed command's errors that are kept in its row.
STDERR = 4_000
KILLED = "its process ended before the run did"
#: How those end that were under way in a run that was killed, by what began: the event, and what it says.
_ENDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "OperationStarted": ("OperationEnded", {"outcome": Outcome.CANCELLED.value, "reason": KILLED}),
    "ConnectStarted": ("ConnectEnded", {"failure": {"kind": "Killed", "message": KILLED}}),
    "PassStarted": ("PassEnded", {}),
}
_ENDED = {end for end, _ in _ENDS.values()}


@dataclass
class Intake:
    """What is known of a run, line by line."""

    head: dict[str, Any] = field(default_factory=dict)
    code: Any = None
    commit: str | None = None
    dirty: bool | None = None
    started: dict[str, Any] = field(default_factory=dict)
    ended: dict[str, Any] | None = None
    at: float = 0.0
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    operations: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    results: list[tuple[Any, ...]] = field(default_factory=list)
    commands: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    _begun: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    _numbers: Counter[str] = field(default_factory=Counter)

    @property
    def id(self) -> str:
        return str(self.head["run"])

    def take(self, line: dict[str, Any], text: str | None = None) -> None:
        """Add one line of the journal; ``text``: as it stands there."""
        if "event" in line:
            self.lines.append(text or dumps(line))
            self.at = line.get("at", self.at)
            self._event(line)
        elif "run" in line:
            self.head = line
        elif "operation" in line:
            self.lines.append(text or dumps(line))
            self.operations[line["operation"]["id"]] = line["operation"]
        elif "key" in line:
            self.keys[line["host"], line["of"]] = line
        elif "code" in line:
            self.code = line["code"]
        elif "commit" in line:
            self.commit, self.dirty = line["commit"], line["dirty"]

    def finish(self) -> None:
        """Add what a process that was killed did not get to say: every start has an end."""
        passes = [line for line in self._begun.values() if line["event"] == "PassStarted"]
        for line in [*reversed(self._begun.values())]:
            if line not in passes:
                self.take(self._end_of(line))
        for name, host in self.hosts.items():
            if host["status"] is None:
                self.take({"event": "HostEnded", "at": self.at, "host": name, "status": HostStatus.CANCELLED.value})
        for line in reversed(passes):
            self.take(self._end_of(line))
        if self.ended is None:
            why = {"kind": "Killed", "message": KILLED}
            status = ExitStatus.TERMINATED.value
            line = {"event": "RunEnded", "at": self.at, "status": status, "seconds": self.at, "stopped_by": why}
            self.lines.append(dumps(line))

    def _end_of(self, start: dict[str, Any]) -> dict[str, Any]:
        event, about = _ENDS[start["event"]]
        subject = {key: value for key, value in start.items() if key not in ("event", "at")}
        seconds = max(0.0, self.at - start["at"])
        return {"event": event, "at": self.at, **subject, "seconds": round(seconds, 3), **about}

    def _event(self, line: dict[str, Any]) -> None:
        subject = (line["event"].removesuffix("Started").removesuffix("Ended"), line.get("host"), line.get("name"))
        if line["event"] in _ENDS:
            self._begun[*subject, line.get("operation")] = line
        elif line["event"] in _ENDED:
            self._begun.pop((*subject, line.get("operation")), None)
        match line["event"]:
            case "RunStarted":
                self.started = line
                for name in line["hosts"]:
                    self.hosts[name] = {"status": None, "message": None}
            case "RunEnded":
                self.ended = line
            case "ConnectEnded" if "failure" in line:
                self._host(line["host"])["message"] = line["failure"]["message"]
            case "HostEnded":
                host = self._host(line["host"])
                host["status"] = line["status"]
                if "failure" in line:
                    host["message"] = line["failure"]["message"]
            case "OperationEnded":
                self._result(line)

    def _host(self, name: str) -> dict[str, Any]:
        return self.hosts.setdefault(name, {"status": None, "message": None})

    def _result(self, line: dict[str, Any]) -> None:
        host, of = line["host"], line["operation"]
        number = self._numbers[host]
        self._numbers[host] += 1
        key = self.keys.pop((host, of), {})
        failure = line.get("failure") or {}
        self.results.append(
            (
                self.id, host, number, of, line["outcome"], line.get("skip"), line.get("seconds", 0.0),
                line.get("attempts", 1), line.get("reason"), failure.get("message"), key.get("key"),
                key.get("content"), key.get("done_in"),
            )
        )  # fmt: skip
        if line["outcome"] in (Outcome.FAILED, Outcome.IGNORED, Outcome.CANCELLED):
            for position, command in enumerate(line.get("commands", ())):
                if not command["ok"]:
                    self.commands.append(
                        (
                            self.id, host, number, position, command["command"], command.get("exit_code"),
                            command.get("error"), command.get("stderr", "")[-STDERR:],
                        )
                    )  # fmt: skip

    def insert(self, connection: sqlite3.Connection) -> None:
        """Write the rows; a run that is there already is left as it is."""
        there = connection.execute("SELECT 1 FROM runs WHERE id = ?", (self.id,)).fetchone()
        if there is not None:
            return
        _insert(connection, "runs", [self._run()])
        data = self.head.get("data", {})
        _insert(
            connection,
            "hosts",
            [
                (self.id, number, name, host["status"], host["message"], data.get(name))
                for number, (name, host) in enumerate(self.hosts.items())
            ],
        )
        _insert(connection, "operations", [self._operation(about) for about in self.operations.values()])
        _insert(connection, "results", self.results)
        _insert(connection, "commands", self.commands)

    def _run(self) -> tuple[Any, ...]:
        head, ended = self.head, self.ended
        status = ExitStatus(ended["status"]) if ended is not None else None
        stopped = (ended or {}).get("stopped_by") or {}
        events = zlib.compress("\n".join(self.lines).encode(), 3)
        return (
            self.id, head["began"], self.at if ended is None else ended["seconds"], head["mode"],
            status.name.lower() if status is not None else "killed", int(status) if status is not None else None,
            stopped.get("message") if ended is not None else KILLED, head["inventory"], " ".join(head["what"]),
            head["user"], head["machine"], head["directory"], self.started.get("version", ""), head["root"],
            self.commit, self.dirty, head["resumes"], dumps(head["deploys"]),
            None if self.code is None else dumps(self.code), events,
        )  # fmt: skip

    def _operation(self, about: Mapping[str, Any]) -> tuple[Any, ...]:
        where = about.get("where") or {}
        return (
            self.id, about["id"], about.get("parent"), dumps(about.get("order", [])), about["name"],
            about["function"], where.get("file"), where.get("line"),
        )  # fmt: skip


def intake_of(lines: Iterable[tuple[str, dict[str, Any]]]) -> Intake | None:
    """Return what the lines of a journal say; ``None`` if they do not even say which run they are of."""
    intake = Intake()
    for text, line in lines:
        intake.take(line, text)
        if not intake.head:
            return None
    if not intake.head:
        return None
    intake.finish()
    return intake


def _insert(connection: sqlite3.Connection, table: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
