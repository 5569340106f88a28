"""Servers of PostgreSQL and MariaDB of one's own: in a temporary directory, on a socket in it, for nobody else."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.processes import eventually

#: What the administrator's role or user of each server is called, and its password; both need care.
ADMIN, PASSWORD = "o'admin", "p\"a'ss #1\\x"


@dataclass(frozen=True)
class PostgresServer:
    """A server; whoever connects as ``ADMIN`` needs the password, all others do not."""

    directory: Path

    @property
    def arguments(self) -> dict[str, str]:
        """The ``psql_...`` arguments of the administrator."""
        return {
            "psql_host": str(self.directory),
            "psql_user": ADMIN,
            "psql_password": PASSWORD,
            "psql_database": "postgres",
        }

    def query(self, text: str, database: str = "postgres") -> str:
        """Run SQL as the superuser, past everything that is tested."""
        words = ["psql", "-XwAt", "-v", "ON_ERROR_STOP=1", "-h", str(self.directory), "-U", "postgres", "-d", database]
        return _output([*words, "-c", text])


@dataclass(frozen=True)
class MariadbServer:
    """A server.

    :ivar home: a home directory whose configuration leads clients to the server, with a password that is wrong.
    :ivar root_home: one whose configuration lets clients in as root.
    """

    directory: Path

    @property
    def home(self) -> Path:
        return self.directory / "home"

    @property
    def root_home(self) -> Path:
        return self.directory / "root's home"

    @property
    def arguments(self) -> dict[str, str]:
        """The ``mysql_...`` arguments of the administrator."""
        return {"mysql_user": ADMIN, "mysql_password": PASSWORD}

    def query(self, text: str, *words: str) -> str:
        """Run SQL as root, past everything that is tested."""
        client = ["mariadb", "--no-defaults", "--default-character-set=utf8mb4", "--socket", str(self.socket)]
        return _output([*client, "--user=root", "-BN", *words, "-e", text])

    @property
    def socket(self) -> Path:
        return self.directory / "s"


def postgres_programs() -> Path | None:
    """Return the directory of the newest version of the server's programs, if there is one."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: int(path.parent.name))
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def no_postgres() -> str | None:
    """Return why there can be no server of PostgreSQL here."""
    if postgres_programs() is None or not shutil.which("psql"):
        return "needs postgresql"
    return _no_user("postgres")


def no_mariadb() -> str | None:
    """Return why there can be no server of MariaDB here."""
    for program in ("mariadb-install-db", "mariadbd", "mariadb"):
        if not shutil.which(program, path=_search_path()):
            return "needs mariadb-server"
    return _no_user("mysql")


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server."""
    programs = postgres_programs()
    assert programs is not None
    with _directory("postgres") as directory:
        data = directory / "data"
        as_user = _as_user("postgres")
        _run([programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
              "--no-sync"], **as_user)  # fmt: skip
        quoted = ADMIN.replace('"', '""')
        (data / "pg_hba.conf").write_text(f'local all "{quoted}" scram-sha-256\nlocal all all trust\n')
        options = f"-c listen_addresses= -c unix_socket_directories={directory} -c fsync=off -c max_connections=20"
        pg_ctl = [programs / "pg_ctl", "-D", data, "-w"]
        _run([*pg_ctl, "-o", options, "-l", directory / "log", "start"], **as_user)
        try:
            server = PostgresServer(directory)
            password = PASSWORD.replace("'", "''").replace("\\", "\\\\")
            server.query(f"CREATE ROLE \"{quoted}\" SUPERUSER LOGIN PASSWORD E'{password}'")
            yield server
        finally:
            _run([*pg_ctl, "-m", "immediate", "stop"], **as_user)


@contextlib.contextmanager
def mariadb_server() -> Iterator[MariadbServer]:
    """Run a server."""
    with _directory("mysql") as directory:
        data, socket = directory / "data", directory / "s"
        as_user = _as_user("mysql")
        _run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
              "--skip-test-db"], **as_user)  # fmt: skip
        log = open(directory / "log", "wb")  # noqa: SIM115 - closed below
        server = subprocess.Popen(
            ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking",
             f"--pid-file={directory}/pid", "--innodb-flush-log-at-trx-commit=0"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, "PATH": _search_path()}, **as_user,
        )  # fmt: skip
        try:
            made = MariadbServer(directory)
            assert eventually(lambda: _answers(made) or server.poll() is not None, seconds=60)
            assert server.poll() is None, (directory / "log").read_text()
            quoted, password = ADMIN.replace("'", "''"), PASSWORD.replace("'", "''").replace("\\", "\\\\")
            made.query(
                f"CREATE USER '{quoted}'@localhost IDENTIFIED BY '{password}';"
                f"GRANT ALL ON *.* TO '{quoted}'@localhost WITH GRANT OPTION"
            )
            for home, more in ((made.home, "password=wrong\n"), (made.root_home, "user=root\n")):
                home.mkdir()
                (home / ".my.cnf").write_text(f"[client]\nsocket={socket}\n{more}")
            yield made
        finally:
            server.terminate()
            server.wait()
            log.close()


@contextlib.contextmanager
def _directory(user: str) -> Iterator[Path]:
    """Make a directory that the server's user can work in; its name is short, since sockets are in it."""
    path = Path(tempfile.mkdtemp(prefix="rw-"))
    path.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(path, user)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _as_user(name: str) -> dict[str, Any]:
    """Return how processes become the server's user; these servers do not run as root."""
    return {"user": name, "group": pwd.getpwnam(name).pw_gid} if os.geteuid() == 0 else {}


def _no_user(name: str) -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(name)
    except KeyError:
        return f"needs a user {name} to become"
    return None


def _search_path() -> str:
    return f"{os.environ['PATH']}:/usr/local/sbin:/usr/sbin:/sbin"


def _answers(server: MariadbServer) -> bool:
    words = ["mariadb", "--no-defaults", "--socket", str(server.socket), "--user=root", "-e", "SELECT 1"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def _run(words: list[object], **how: Any) -> None:
    done = subprocess.run(
        [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        cwd="/", env={**os.environ, "PATH": _search_path()}, check=False, **how,
    )  # fmt: skip
    assert done.returncode == 0, (words, done.stdout.decode(errors="replace"))


def _output(words: list[str]) -> str:
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout.removesuffix("\n")
