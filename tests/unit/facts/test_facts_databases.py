"""Facts about servers of MySQL: output in the format of versions that are not installed here, and no client at all."""

from __future__ import annotations

import pytest
from fact_reader import Reader

from ropewalk.facts.mysql import MysqlDatabases, MysqlUserGrants, MysqlUsers
from ropewalk.facts.mysql_client import unescaped
from ropewalk.facts.mysql_grants import read_grant

# MySQL 8.0, the columns of mysql.user; the salt of a password may hold characters that batch mode escapes.
COLUMNS = (
    "Host User Select_priv Insert_priv Grant_priv Create_role_priv ssl_type ssl_cipher x509_issuer x509_subject "
    "max_questions max_updates max_connections max_user_connections plugin authentication_string password_expired "
    "password_last_changed password_lifetime account_locked User_attributes"
)
BOB = ["%", "bob", "Y", "N", "Y", "N", "", "", "", "", "1", "2", "3", "4", "caching_sha2_password",
       r"$A$005$a\tb\nc\\d", "N", "2024-01-01 00:00:00", "NULL", "N", '{"a": 1}']  # fmt: skip


def table(*rows: list[str]) -> str:
    return "".join("\t".join(row) + "\n" for row in rows)


def test_users_of_mysql_8(process):
    assert process(MysqlUsers, table(COLUMNS.split(), BOB)) == {
        "bob@%": {
            "ssl_type": None, "ssl_cipher": None, "x509_issuer": None, "x509_subject": None, "max_questions": 1,
            "max_updates": 2, "max_connections": 3, "max_user_connections": 4, "plugin": "caching_sha2_password",
            "authentication_string": "$A$005$a\tb\nc\\d", "password_expired": False,
            "password_last_changed": "2024-01-01 00:00:00", "password_lifetime": None, "account_locked": "N",
            "User_attributes": '{"a": 1}', "privileges": ["Grant", "Select"],
        }
    }  # fmt: skip


def test_databases_of_mysql_8(process):
    head = "CATALOG_NAME SCHEMA_NAME DEFAULT_CHARACTER_SET_NAME DEFAULT_COLLATION_NAME SQL_PATH DEFAULT_ENCRYPTION"
    row = ["def", r"a\tb", "utf8mb4", "utf8mb4_0900_ai_ci", "NULL", "NO"]
    assert process(MysqlDatabases, table(head.split(), row)) == {
        "a\tb": {"character_set": "utf8mb4", "collation_name": "utf8mb4_0900_ai_ci"}
    }


@pytest.mark.parametrize(
    ("line", "grant"),
    [
        ("GRANT USAGE ON *.* TO `a`@`localhost`", ("*.*", {"USAGE"})),
        ("GRANT SELECT, INSERT ON *.* TO 'a'@'%' IDENTIFIED BY PASSWORD '*AB TO ON'", ("*.*", {"SELECT", "INSERT"})),
        ("GRANT ALL PRIVILEGES ON `d`.* TO `a b`@`%` WITH GRANT OPTION", ("`d`.*", {"ALL PRIVILEGES", "GRANT OPTION"})),
        ("GRANT USAGE ON *.* TO `a`@`h` REQUIRE SSL WITH GRANT OPTION MAX_QUERIES_PER_HOUR 3",
         ("*.*", {"USAGE", "GRANT OPTION"})),
        ("GRANT USAGE ON *.* TO `with grant option`@`h` WITH MAX_USER_CONNECTIONS 3", ("*.*", {"USAGE"})),
        ("GRANT APPLICATION_PASSWORD_ADMIN,AUDIT_ADMIN ON *.* TO `r`@`h`",
         ("*.*", {"APPLICATION_PASSWORD_ADMIN", "AUDIT_ADMIN"})),
        ("GRANT SELECT (`a`, `b c`), INSERT ON ` on `.`t`` to ` TO `u`@`h`",
         ("` on `.`t`` to `", {"SELECT (`a`, `b c`)", "INSERT"})),
        ("GRANT EXECUTE ON PROCEDURE `sys`.`x` TO `a`@`h`", ("PROCEDURE `sys`.`x`", {"EXECUTE"})),
        (r"GRANT SELECT ON `my\\_db`.* TO `a`@`h`", (r"`my\_db`.*", {"SELECT"})),
        ("GRANT `r`@`%` TO `a`@`localhost`", None),
        ("GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION", None),
        ("SET DEFAULT ROLE `r` FOR `a`@`h`", None),
    ],
)  # fmt: skip
def test_grants(line, grant):
    assert read_grant(unescaped(line)) == grant


def test_grants_on_one_thing_are_put_together(process):
    lines = "GRANT SELECT ON *.* TO `a`@`h`\nGRANT BACKUP_ADMIN ON *.* TO `a`@`h`\n"
    assert process(MysqlUserGrants, lines) == {"*.*": {"SELECT", "BACKUP_ADMIN"}}


@pytest.mark.parametrize(
    ("text", "value"),
    [(r"a\tb", "a\tb"), (r"a\\tb", "a\\tb"), (r"\\\n", "\\\n"), (r"\0", "\0"), (r"\_", "\\_"), ("\\", "\\"), ("", "")],
)
def test_values_of_batch_mode(text, value):
    assert unescaped(text) == value


@pytest.mark.parametrize("fact", [MysqlUsers, MysqlDatabases])
def test_without_a_client_there_is_nothing(read: Reader, fact, tmp_path):
    read.only_programs_in(tmp_path)
    assert read(fact, mysql_password="x") == {}


def test_a_host_that_has_mariadb_only(read: Reader, tmp_path):
    read.only_programs_in(tmp_path)
    fake = tmp_path / "mariadb"
    fake.write_text(
        '#!/bin/sh\nprintf "SCHEMA_NAME\\tDEFAULT_CHARACTER_SET_NAME\\tDEFAULT_COLLATION_NAME\\nd\\tx\\ty\\n"\n'
    )
    fake.chmod(0o755)
    assert read(MysqlDatabases) == {"d": {"character_set": "x", "collation_name": "y"}}
