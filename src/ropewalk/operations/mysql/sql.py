"""mysql.sql, mysql.dump, mysql.load"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Secret, Steps
from ropewalk.operations.mysql.server import Server


@operation(is_idempotent=False, idempotent_notice="The SQL is run every time.")
def sql(
    sql: str | Secret,
    database: str | None = None,
    mysql_user: str | None = None,
    mysql_password: str | Secret | None = None,
    mysql_host: str | None = None,
    mysql_port: int | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Run SQL, up to the first error.

    :param sql: statements. As a ``Secret`` they are neither shown nor seen by other users of the host.
    :param database: the database that names without one belong to.
    :param mysql_user: the user to connect as; by default as the client's configuration says.
    :param mysql_password: the password.
    :param mysql_host: host of the server.
    :param mysql_port: port of the server.
    :raises OperationError: there is no client on the host.

    ::

        mysql.sql(name="Forget sessions", sql="TRUNCATE session", database="app")
    """
    client = Server.of(mysql_user, mysql_password, mysql_host, mysql_port).mysql(database)
    yield client.run(stdin=sql) if isinstance(sql, Secret) else client.run("-e", sql)


@operation(is_idempotent=False, idempotent_notice="The dump is written every time.")
def dump(
    dest: str,
    database: str | None = None,
    mysql_user: str | None = None,
    mysql_password: str | Secret | None = None,
    mysql_host: str | None = None,
    mysql_port: int | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Write a database, or all of them, to a file of the host, as SQL.

    The file appears when the dump is complete; one that is there is kept until then.

    :param dest: path of the file.
    :param database: the database; by default all.
    :param mysql_user: the user to connect as; by default as the client's configuration says.
    :param mysql_password: the password.
    :param mysql_host: host of the server.
    :param mysql_port: port of the server.
    :raises OperationError: there is no client on the host.

    ::

        mysql.dump(name="Save the app's data", dest="/var/backups/app.sql", database="app")
    """
    yield Server.of(mysql_user, mysql_password, mysql_host, mysql_port).mysqldump(database).save(dest)


@operation(is_idempotent=False, idempotent_notice="The file is loaded every time.")
def load(
    src: str,
    database: str | None = None,
    mysql_user: str | None = None,
    mysql_password: str | Secret | None = None,
    mysql_host: str | None = None,
    mysql_port: int | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Run a file of SQL, such as a dump, up to the first error.

    :param src: path of the file on the host.
    :param database: the database that names without one belong to.
    :param mysql_user: the user to connect as; by default as the client's configuration says.
    :param mysql_password: the password.
    :param mysql_host: host of the server.
    :param mysql_port: port of the server.
    :raises OperationError: there is no client on the host.

    ::

        mysql.load(name="Load the app's data", src="/var/backups/app.sql", database="app")
    """
    server = Server.of(mysql_user, mysql_password, mysql_host, mysql_port)
    yield server.mysql(database, encoding=None).load(src)
