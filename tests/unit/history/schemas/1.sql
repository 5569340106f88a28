-- A history of format 1, as it was written then.
PRAGMA user_version = 1;
BEGIN TRANSACTION;
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
CREATE TABLE hosts (
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        number INTEGER NOT NULL,            -- in the order of the inventory
        name TEXT NOT NULL,
        status TEXT NOT NULL,               -- ok, failed, unreachable, cancelled
        message TEXT,
        data TEXT,                          -- digest of its data
        PRIMARY KEY (run, name)
    ) WITHOUT ROWID;
INSERT INTO "hosts" VALUES('00c0ffee',0,'web1','failed','exit status 1',NULL);
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
INSERT INTO "operations" VALUES('00c0ffee','op1',NULL,'[0]','Install','apt.packages','deploy.py',3);
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
INSERT INTO "results" VALUES('00c0ffee','web1',0,'op1','failed',NULL,1.0,1,NULL,'exit status 1','k','',NULL);
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
INSERT INTO "runs" VALUES('00c0ffee','2024-02-29T12:00:00.000+00:00',1.5,'deploy','failed',1,NULL,'@local','deploy.py','ada','desk','/srv','0.1',NULL,NULL,NULL,NULL,'[]',NULL,X'');
CREATE INDEX runs_began ON runs (began);
COMMIT;
