"""What the history can tell: who failed, what was done, how two runs differ, what is slow, what fails now and then."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ropewalk.history import tree
from ropewalk.history.recording import Done
from ropewalk.history.store import RunRow, Store
from ropewalk.model.errors import UsageError
from ropewalk.model.record import record


@record
class Difference:
    """An operation that ended otherwise on a host; ``None``: it did not get to it."""

    host: str
    operation: str
    before: str | None
    after: str | None


@record
class Slow:
    """How long an operation takes, in seconds."""

    operation: str
    times: int
    mean: float
    longest: float


@record
class Flaky:
    """How often a host was part of a run, and how often it did not end well."""

    host: str
    runs: int
    failed: int
    unreachable: int


def failed_hosts(store: Store, run: RunRow) -> list[str]:
    """Return the hosts that failed, were unreachable or were not finished, in the order of the inventory."""
    rows = store.rows("SELECT name FROM hosts WHERE run = ? AND status != 'ok' ORDER BY number", run.id)
    return [name for (name,) in rows]


def done_in(store: Store, run: RunRow) -> Done:
    """Return what was done in a run, or in those that it went on with."""
    rows = store.rows(
        """SELECT host, key, content, coalesce(done_in, run) FROM results
           WHERE run = ?1 AND key IS NOT NULL AND (
               outcome IN ('changed', 'ok') OR skip = 'done'
               OR skip = 'run-once' AND operation IN (
                   SELECT operation FROM results WHERE run = ?1 AND outcome IN ('changed', 'ok')
               )
           )""",
        run.id,
    )
    hosts: dict[str, dict[str, tuple[str, str]]] = {}
    for host, key, content, by in rows:
        hosts.setdefault(host, {})[key] = (content or "", by)
    return Done(hosts)


def check_same(store: Store, run: RunRow, deploys: tuple[str, ...], data: Mapping[str, str]) -> None:
    """Raise ``UsageError`` unless a deploy is what it was in a run: the same files, with the same data for its hosts.

    :param data: a digest of the data of each host that is to be worked on.
    """
    ((text, root, code_text),) = store.rows("SELECT deploys, root, code FROM runs WHERE id = ?", run.id)
    hint = "--failed works on the same hosts, and does all of it"
    if tuple(json.loads(text)) != deploys or not deploys:
        raise UsageError(f"run {run.id} cannot be resumed: it was of {run.what or 'something else'}", hint=hint)
    if code_text is None:
        raise UsageError(f"run {run.id} cannot be resumed: it ended before it had read its deploy", hint=hint)
    changed = tree.differing(json.loads(code_text), tree.code_of(root))
    if changed:
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        raise UsageError(f"run {run.id} cannot be resumed: {', '.join(changed[:5])}{more} changed since", hint=hint)
    before = dict(store.rows("SELECT name, data FROM hosts WHERE run = ?", run.id))
    other = [name for name, digest in data.items() if name in before and before[name] != digest]
    if other:
        raise UsageError(f"run {run.id} cannot be resumed: the data of {', '.join(other[:5])} changed since", hint=hint)


def differences(store: Store, before: RunRow, after: RunRow) -> list[Difference]:
    """Return what ended otherwise in the second of two runs; operations are told apart by their keys."""
    old, new = _outcomes(store, before, after), _outcomes(store, after, before)
    made = []
    for place in [*old, *(place for place in new if place not in old)]:
        was, (name, _) = old.get(place), new.get(place) or old[place]
        now = new.get(place)
        if (was and was[1]) != (now and now[1]):
            made.append(Difference(place[0], name, was[1] if was else None, now[1] if now else None))
    return made


def slowest(store: Store, limit: int) -> list[Slow]:
    """Return the operations that took longest, on average of all hosts and runs."""
    rows = store.rows(
        """SELECT operations.name, count(*), avg(seconds), max(seconds) FROM results
           JOIN operations ON operations.run = results.run AND operations.id = results.operation
           WHERE outcome IN ('changed', 'ok', 'failed', 'ignored')
           GROUP BY operations.name ORDER BY 3 DESC, 1 LIMIT ?""",
        limit,
    )
    return [Slow(*row) for row in rows]


def flakiest(store: Store, limit: int) -> list[Flaky]:
    """Return the hosts that failed or were unreachable most often, in relation to their runs."""
    rows = store.rows(
        """SELECT name, count(*), sum(status = 'failed'), sum(status = 'unreachable') FROM hosts
           GROUP BY name HAVING sum(status IN ('failed', 'unreachable')) > 0
           ORDER BY 1.0 * sum(status IN ('failed', 'unreachable')) / count(*) DESC, count(*) DESC, name LIMIT ?""",
        limit,
    )
    return [Flaky(*row) for row in rows]


def _outcomes(store: Store, run: RunRow, other: RunRow) -> dict[tuple[str, str], tuple[str, str]]:
    """Return names and outcomes by host and key; hosts as a whole have an empty one.

    An operation that was under way when its run was killed has no key: it is that of the same call in the other run.
    """
    made: dict[tuple[str, str], tuple[str, str]] = {}
    for name, status in store.rows("SELECT name, status FROM hosts WHERE run = ? ORDER BY number", run.id):
        made[name, ""] = ("(host)", status)
    rows = store.rows(
        """SELECT host, coalesce(key, (
               SELECT same.key FROM results AS same
               WHERE same.run = ?2 AND same.host = results.host AND same.operation = results.operation
           ), operation), operations.name, coalesce(skip, outcome) FROM results
           JOIN operations ON operations.run = results.run AND operations.id = results.operation
           WHERE results.run = ?1 ORDER BY host, number""",
        run.id,
        other.id,
    )
    for host, key, name, outcome in rows:
        made[host, key] = (name, outcome)
    return made
