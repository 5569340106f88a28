"""postgres.sql, postgres.dump, postgres.load"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Secret, Steps
from ropewalk.operations.postgres.server import Server


@operation(is_idempotent=False, idempotent_notice="The SQL is run every time.")
def sql(
    sql: str | Secret,
    psql_user: str | None = None,
    psql_password: str | Secret | None = None,
    psql_host: str | None = None,
    psql_port: int | None = None,
    psql_database: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Run SQL.

    :param sql: statements, which succeed or fail together, or one command of psql. As a ``Secret`` it is neither shown
        nor seen by other users of the host; psql then reads it as a file, and its statements are carried out one by one
        up to the first error.
    :param psql_user: the role to connect as; by default the user that commands run as.
    :param psql_password: its password.
    :param psql_host: host of the server, or directory of its socket.
    :param psql_port: port of the server.
    :param psql_database: the database to connect to; by default the one named as the role.
    :raises OperationError: there is no psql on the host.

    ::

        with host.arguments(_sudo=True, _sudo_user="postgres"):
            postgres.sql(name="Forget sessions", sql="TRUNCATE session", psql_database="app")
    """
    client = Server.of(psql_user, psql_password, psql_host, psql_port, psql_database).psql()
    yield client.run(stdin=sql) if isinstance(sql, Secret) else client.run("-c", sql)


@operation(is_idempotent=False, idempotent_notice="The dump is written every time.")
def dump(
    dest: str,
    psql_user: str | None = None,
    psql_password: str | Secret | None = None,
    psql_host: str | None = None,
    psql_port: int | None = None,
    psql_database: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Write a database to a file of the host, as SQL.

    The file appears when the dump is complete; one that is there is kept until then.

    :param dest: path of the file.
    :param psql_user: the role to connect as; by default the user that commands run as.
    :param psql_password: its password.
    :param psql_host: host of the server, or directory of its socket.
    :param psql_port: port of the server.
    :param psql_database: the database; by default the one named as the role.
    :raises OperationError: there is no psql on the host.

    ::

        with host.arguments(_sudo=True, _sudo_user="postgres"):
            postgres.dump(name="Save the app's data", dest="/var/backups/app.sql", psql_database="app")
    """
    yield Server.of(psql_user, psql_password, psql_host, psql_port, psql_database).pg_dump().save(dest)


@operation(is_idempotent=False, idempotent_notice="The file is loaded every time.")
def load(
    src: str,
    psql_user: str | None = None,
    psql_password: str | Secret | None = None,
    psql_host: str | None = None,
    psql_port: int | None = None,
    psql_database: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Run a file of SQL, such as a dump, up to the first error.

    :param src: path of the file on the host.
    :param psql_user: the role to connect as; by default the user that commands run as.
    :param psql_password: its password.
    :param psql_host: host of the server, or directory of its socket.
    :param psql_port: port of the server.
    :param psql_database: the database; by default the one named as the role.
    :raises OperationError: there is no psql on the host.

    ::

        with host.arguments(_sudo=True, _sudo_user="postgres"):
            postgres.load(name="Load the app's data", src="/var/backups/app.sql", psql_database="app")
    """
    server = Server.of(psql_user, psql_password, psql_host, psql_port, psql_database)
    yield server.psql(encoding=None).load(src)
