"""The matrix of ``test_matrix_real.py`` for files and databases; and that no operation is forgotten."""

from __future__ import annotations

import hashlib
import importlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropewalk.api import Operation, Secret
from ropewalk.model.outcome import Outcome
from ropewalk.operations import files, mysql, postgres, server
from support.box import Box, why_not
from support.boxed_runs import IDENTITIES, POSTGRES, Case, carry_out, may_sudo, named, outcomes, prove

pytestmark = [pytest.mark.root, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]

ODD = 'it\'s "odd"; $(x) ☃'
HERE = Path(__file__).parent
LARGE = bytes(range(256)) * 2000
ROLE = {"psql_host": "/run/pg", "psql_user": "postgres"}
ADMIN = {"mysql_user": "root", "mysql_host": "localhost"}


@pytest.fixture(scope="module", params=IDENTITIES)
def identity(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def box(identity: str) -> Iterator[Box]:
    made = Box()
    yield made
    made.close()


def content() -> None:
    files.directory(path="/srv/th/a dir", user="nobody", group="nogroup", mode=2750)
    files.file(path="/srv/th/-empty", mode="u=rw,go=r", touch=False)
    files.link(path="/srv/th/link", target="a dir")
    files.put(src=io.StringIO(f"{ODD}\n"), dest="/srv/th/put", mode="600", user="nobody")
    files.put(src=io.BytesIO(LARGE), dest="/srv/th/large")
    files.template(src=io.StringIO("{{ word }}\n"), dest=f"/srv/th/{ODD}", word=ODD)
    files.copy(src="/etc/passwd", dest="/srv/th/a dir")
    files.sync(src=str(HERE / "test_matrix_files_real.py").rpartition("/")[0], dest="/srv/th/synced",
               exclude=["test_[a-ln-z]*", "__pycache__*"], exclude_dir=["__pycache__"])  # fmt: skip


def no_content() -> None:
    files.directory(path="/srv/th", present=False)


def edited() -> None:
    files.line(path="/srv/conf", line=r"^Port\b.*", replace="Port 2222")
    files.line(path="/srv/conf", line=f"Say {ODD}", escape_regex_characters=True)
    files.line(path="/srv/conf", line="Old.*", present=False)
    files.replace(path="/srv/conf", text="a/b&c", replace=r"d\&e", backup=False)
    files.block(path="/srv/conf", content=["one \\ two", ODD], marker="# {mark} th", try_prevent_shell_expansion=True)


def edited_back() -> None:
    files.line(path="/srv/conf", line="Port 2222", replace="Port 22")
    files.line(path="/srv/conf", line=f"Say {ODD}", escape_regex_characters=True, present=False)
    files.block(path="/srv/conf", marker="# {mark} th", present=False)


def fetched() -> None:
    files.download(src="file:///srv/an%20archive.tar", dest="/srv/down loaded.tar", sha256sum=None, mode="640")
    files.unarchive(src="/srv/an archive.tar", dest="/srv/un packed", remote_src=True, creates="/srv/un packed/passwd")


def not_fetched() -> None:
    files.file(path="/srv/down loaded.tar", present=False)
    files.directory(path="/srv/un packed", present=False)


def moved() -> None:
    files.move(src="/srv/th from", dest="/srv/th-to", overwrite=True)


def moved_back() -> None:
    files.move(src="/srv/th-to/th from", dest="/srv")


def locale() -> None:
    server.locale(locale="de_DE.UTF-8")


def no_locale() -> None:
    server.locale(locale="de_DE.UTF-8", present=False)


def in_postgres() -> None:
    postgres.role(role=ODD, password=Secret(ODD), createdb=True, connection_limit=7, **ROLE)
    postgres.database(database=ODD, owner=ODD, encoding="UTF8", template="template0", connection_limit=5, **ROLE)


def not_in_postgres() -> None:
    postgres.database(database=ODD, present=False, **ROLE)
    postgres.role(role=ODD, present=False, **ROLE)


def in_mariadb() -> None:
    mysql.user(user="th o'ada", password=Secret(ODD), require="SSL", max_connections=3, privileges="PROCESS", **ADMIN)
    mysql.database(database="th `db`", charset="utf8mb4", collate="utf8mb4_bin", user="th o'ada", **ADMIN)
    mysql.privileges(user="th o'ada", privileges=["SELECT", "INSERT (User)"], database="mysql", table="user", **ADMIN)


def not_in_mariadb() -> None:
    mysql.database(database="th `db`", present=False, **ADMIN)
    mysql.user(user="th o'ada", present=False, **ADMIN)


MARIADB = """mkdir -p /run/my /run/mysqld && chown mysql /run/my /run/mysqld && rm -f /etc/mysql/conf.d/* && cd /run/my
setpriv --reuid=mysql --clear-groups mariadb-install-db --no-defaults --datadir=/run/my/data \
    --auth-root-authentication-method=normal --skip-test-db >log 2>&1
setpriv --reuid=mysql --clear-groups mariadbd --no-defaults --datadir=/run/my/data --socket=/run/mysqld/mysqld.sock \
    --skip-networking --pid-file=/run/my/data/pid --skip-log-bin </dev/null >>log 2>&1 &
i=0
until mariadb-admin --no-defaults -uroot ping >/dev/null 2>&1; do i=$((i+1)); [ $i -lt 300 ] || exit 1; sleep 0.1; done
"""

CASES = [
    Case(
        ("files.directory", "files.file", "files.link", "files.put", "files.template", "files.copy", "files.sync"),
        content,
        "cd /srv/th && [ \"$(stat -c '%A %U %G' 'a dir')\" = 'drwxr-s--- nobody nogroup' ] && [ -f ./-empty ] && "
        "[ \"$(readlink link)\" = 'a dir' ] && [ \"$(cat put)\" = \"$(cat \"it's \\\"odd\\\"; \\$(x) ☃\")\" ] && "
        f"[ \"$(stat -c '%a %U' put)\" = '600 nobody' ] && sha1sum large | grep {hashlib.sha1(LARGE).hexdigest()} && "
        "cmp /etc/passwd 'a dir/passwd' && [ -s synced/test_matrix_files_real.py ] && ! ls synced/test_git.py",
        no_content, prepare="mkdir -p /srv/th",
    ),
    Case(
        ("files.line", "files.replace", "files.block"), edited,
        "printf '%s\\n' 'Port 2222' 'd&e' \"Say it's \\\"odd\\\"; \\$(x) ☃\" '# BEGIN th' 'one \\ two' "
        "\"it's \\\"odd\\\"; \\$(x) ☃\" '# END th' | cmp - /srv/conf",
        edited_back, prepare="printf '%s\\n' 'Port 22' 'Old thing' 'a/b&c' >/srv/conf",
    ),
    Case(("files.download", "files.unarchive"), fetched, "[ -s '/srv/un packed/passwd' ] && "
         "[ \"$(stat -c %a '/srv/down loaded.tar')\" = 640 ]", not_fetched, needs=("curl", "tar"),
         prepare="tar -C /etc -cf '/srv/an archive.tar' passwd; mkdir '/srv/un packed'"),
    Case(("files.move",), moved, "[ -f '/srv/th-to/th from/x' ]", moved_back,
         prepare="mkdir -p '/srv/th from' /srv/th-to && touch '/srv/th from/x'"),
    Case(("server.locale",), locale, "locale -a | grep -i 'de_DE.utf-\\?8'", no_locale, needs=("locale-gen",)),
    Case(
        ("postgres.role", "postgres.database"), in_postgres,
        "psql -XAt -h /run/pg -U postgres -c \"SELECT datname, datconnlimit, rolconnlimit FROM pg_database "
        "JOIN pg_roles r ON datdba = r.oid WHERE rolcreatedb\" | grep -Fx \"it's \\\"odd\\\"; \\$(x) ☃|5|7\"",
        not_in_postgres, needs=("psql", "setpriv"), prepare=POSTGRES,
    ),
    Case(
        ("mysql.user", "mysql.database", "mysql.privileges"), in_mariadb,
        "mariadb --no-defaults -uroot -e \"SHOW GRANTS FOR 'th o\\'ada'@localhost; "
        "SHOW CREATE DATABASE \\`th \\`\\`db\\`\\`\\`\" "
        ">/run/said && grep -F 'PROCESS' /run/said && grep -F 'INSERT (`User`)' /run/said && "
        "grep -F 'ALL PRIVILEGES ON `th ``db``' /run/said && grep utf8mb4_bin /run/said",
        not_in_mariadb, needs=("mariadb", "mariadbd", "setpriv"), prepare=MARIADB,
    ),
]  # fmt: skip

#: Shown on real systems elsewhere, since they need more than a box, do something every time, or take nothing back.
ELSEWHERE = {
    "test_docker_real.py": r"docker\.(?!compose)",
    "test_docker.py": r"docker\.compose",  # Debian 12 has no compose of version 2
    "test_files_behaviour.py": r"files\.get",
    "test_files_more.py": r"files\.(flags|rsync)",
    "test_gpg.py": r"gpg\.",
    "test_mysql_real.py": r"mysql\.(sql|dump|load)",
    "test_postgres_real.py": r"postgres\.(sql|dump|load)",
    "test_system_real.py": r"sysvinit\.enable|ssh\.(command|upload|download)|runit\.wait_runsv",
    "test_systemd_real.py": r"systemd\.|server\.service",
    "test_server_box.py": r"server\.(modprobe|wait|kill)",
    "test_server_run.py": r"server\.script(_template)?",
    "test_server_shell.py": r"server\.shell",
    "test_server_managers.py": r"server\.packages",
    "test_server_reboot.py": r"server\.reboot",
}
#: What Debian cannot install, or its kernels here cannot do: tested on recorded output.
NOWHERE = re.compile(
    r"zfs\.|bsdinit\.|launchd\.|upstart\.|selinux\.(boolean|file_context)$|postgresql\.(sql|dump|load)"
)
MODULES = ("files", "server", "crontab", "git", "gpg", "iptables", "selinux", "sysvinit", "openrc", "runit", "ssh",
           "postgres", "postgresql", "mysql", "docker", "systemd", "zfs", "bsdinit", "launchd", "upstart")  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=named(CASES))
def test_plan_apply_and_undo(box: Box, case: Case, identity: str) -> None:
    prove(box, case, identity)


def test_every_operation_is_shown_somewhere() -> None:
    from test_matrix_real import CASES as OTHERS

    there = {f"{module}.{name}" for module in MODULES
             for name, thing in vars(importlib.import_module(f"ropewalk.operations.{module}")).items()
             if isinstance(thing, Operation) and f".{module}" in thing._inner.__module__}  # fmt: skip
    shown = {name for case in [*CASES, *OTHERS] for name in case.operations}
    assert shown <= there
    for test, pattern in ELSEWHERE.items():
        found = {name for name in there if re.match(pattern, name)}
        text = (HERE / test).read_text()
        assert found, test
        assert [name for name in found if name not in text] == []
        shown |= found
    assert {name for name in there - shown if not NOWHERE.match(name)} == set()


#: Stands before a program: notes what other users could see of every process, then becomes the program.
_WATCHING = """#!/bin/sh
{ cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; ls -R /tmp; cat /tmp/* /tmp/*/*; } 2>/dev/null >>/run/seen
exec /usr/bin/%s "$@"
"""


def with_passwords() -> None:
    secret = Secret("s3cret-'\\-word")
    postgres.role(role="th-keeper", password=secret, psql_password=Secret("s3cret-admin"), **ROLE)
    mysql.user(user="th-keeper", password=secret, **ADMIN)
    mysql.sql(sql=Secret("SELECT 's3cret-sql'"), mysql_password=Secret("s3cret-admin"), mysql_user="th-keeper2")


def test_no_process_shows_a_password(box: Box, identity: str) -> None:
    box.needs("psql", "mariadb", "mariadbd", "setpriv")
    may_sudo(box, identity)
    if box.status("psql -h /run/pg -U postgres -c 'SELECT 1'"):
        box.sh(POSTGRES)
    if box.status("mariadb-admin -uroot ping"):
        box.sh(MARIADB)
    box.sh("mariadb --no-defaults -uroot -e \"CREATE USER 'th-keeper2'@localhost IDENTIFIED BY 's3cret-admin'\"")
    for program in ("psql", "mysql", "mariadb"):
        box.write(f"/usr/local/bin/{program}", _WATCHING % program, "755")
    box.sh("touch /run/seen && chmod 666 /run/seen")
    events = carry_out(box, with_passwords, identity)
    assert outcomes(events) == [Outcome.CHANGED] * 3
    seen = box.sh("cat /run/seen")
    assert "th-keeper" in seen
    assert "s3cret" not in seen
    assert "s3cret" not in repr([getattr(event, "changes", None) for event in events])
