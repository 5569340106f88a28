"""The tables of the history database, and how an older one becomes the newest.

Every version is a script that is run on the one before; none is ever edited once it was released. ``PRAGMA
user_version`` says which one a database has.
"""

from __future__ import annotations

import sqlite3

from ropewalk.model.errors import RopewalkError

VERSIONS = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        began TEXT NOT NULL,                -- UTC, ISO 8601
        seconds REAL,
        mode TEXT NOT NULL,                 -- deploy, operation
        status TEXT NOT NULL,               -- ok, failed, unreachable, ..., killed
        exit_code INTEGER,                  -- NULL: the process was killed
        message TEXT,                       -- why the run ended early
        inventory TEXT NOT NULL,
        what TEXT NOT NULL,                 -- deploy files or the operation, with spaces between
        user TEXT NOT NULL,
        machine TEXT NOT NULL,
        directory TEXT NOT NULL,
        version TEXT NOT NULL,
        root TEXT,                          -- of the deploy's tree
        git_commit TEXT,
        git_dirty INTEGER,
        resumes TEXT,                       -- the run that this one went on with
        deploys TEXT NOT NULL,              -- JSON: absolute paths
        code TEXT,                          -- JSON: files of the tree and digests
        events BLOB NOT NULL                -- JSON lines, zlib
    );
    CREATE INDEX runs_began ON runs (began);
    CREATE TABLE hosts (
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        number INTEGER NOT NULL,            -- in the order of the inventory
        name TEXT NOT NULL,
        status TEXT NOT NULL,               -- ok, failed, unreachable, cancelled
        message TEXT,
        data TEXT,                          -- digest of its data
        PRIMARY KEY (run, name)
    ) WITHOUT ROWID;
    CREATE TABLE operations (
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        id TEXT NOT NULL,
        parent TEXT,                        -- the operation in whose callback it was called
        position TEXT NOT NULL,             -- JSON: what sorts it among the others
        name TEXT NOT NULL,
        function TEXT NOT NULL,
        file TEXT,
        line INTEGER,
        PRIMARY KEY (run, id)
    ) WITHOUT ROWID;
    CREATE TABLE results (
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        host TEXT NOT NULL,
        number INTEGER NOT NULL,            -- in the order they ended on the host
        operation TEXT NOT NULL,
        outcome TEXT NOT NULL,              -- changed, ok, skipped, ignored, failed, cancelled
        skip TEXT,
        seconds REAL NOT NULL,
        attempts INTEGER NOT NULL,
        reason TEXT,
        message TEXT,                       -- why it failed
        key TEXT,                           -- what it is recognised by in other runs
        content TEXT,
        done_in TEXT,                       -- the run that did it, where this one left it out
        PRIMARY KEY (run, host, number)
    ) WITHOUT ROWID;
    CREATE TABLE commands (                 -- those that failed
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        host TEXT NOT NULL,
        result INTEGER NOT NULL,            -- number of the result
        number INTEGER NOT NULL,
        command TEXT NOT NULL,
        exit_code INTEGER,
        message TEXT,
        stderr TEXT NOT NULL,               -- its end
        PRIMARY KEY (run, host, result, number)
    ) WITHOUT ROWID;
    """,
    """
    CREATE INDEX results_key ON results (key, run);
    CREATE VIEW failures AS
        SELECT runs.began, results.run, results.host, operations.name, operations.file, operations.line,
               results.message
        FROM results JOIN runs ON runs.id = results.run
        JOIN operations ON operations.run = results.run AND operations.id = results.operation
        WHERE results.outcome = 'failed';
    """,
)


class NewerHistory(RopewalkError):
    """The database was made by a later version of ropewalk."""


def migrate(connection: sqlite3.Connection) -> None:
    """Make the tables, or bring those of an earlier version up to date.

    :raises NewerHistory: they are those of a later version.
    """
    if _version(connection) == len(VERSIONS):
        return
    connection.execute("BEGIN IMMEDIATE")  # another process may be about to do the same
    try:
        version = _version(connection)
        if version > len(VERSIONS):
            raise NewerHistory(
                f"the history was written by a later version of ropewalk (format {version}, known is {len(VERSIONS)})",
                hint="use that version",
            )
        for number in range(version, len(VERSIONS)):
            for statement in _statements(VERSIONS[number]):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(VERSIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise


def roll_back(connection: sqlite3.Connection) -> None:
    """Undo what a transaction did, where SQLite has not: it does so by itself if, say, the disk is full."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> list[str]:
    """Divide a script, which ``executescript`` would not run inside a transaction."""
    found, text = [], ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            found.append(text)
            text = ""
    return found
