"""What packages written for v3 rely on in facts: the attributes of base classes, the shapes of values."""

from __future__ import annotations

import pytest

from ropewalk.facts.docker import DockerAuths, DockerSingleMixin, _DockerJsonLinesFactBase
from ropewalk.facts.files import FindFilesBase, HashFileFactBase
from ropewalk.facts.iptables import IptablesRules
from ropewalk.facts.mysql import MysqlFactBase
from ropewalk.facts.postgres import PostgresFactBase


class Extensions(PostgresFactBase):
    psql_command = "SELECT extname FROM pg_extension WHERE extname <> 'x'"


class Variables(MysqlFactBase):
    mysql_command = "SHOW VARIABLES LIKE 'max\\_%'"


class Secrets(DockerSingleMixin):
    docker_type = "secret"


class Events(_DockerJsonLinesFactBase):
    command = "docker events --since 1h --until 0s --format json"


class Sha512File(HashFileFactBase, digits=128, cmds=["sha512sum", "shasum -a 512"]):
    pass


class FindPipes(FindFilesBase):
    type_flag = "p"


@pytest.mark.parametrize(
    ("fact", "arguments", "part"),
    [
        (Extensions, {"psql_user": "ada"}, "-c 'SELECT extname FROM pg_extension WHERE extname <> '\"'\"'x'"),
        (Variables, {"mysql_port": 3307}, "-e 'SHOW VARIABLES LIKE '\"'\"'max\\_%'"),
        (Secrets, {"object_id": "tls key"}, "docker secret inspect -- 'tls key'"),
        (Sha512File, {"path": "/x y"}, 'sha512sum <"$1" || shasum -a 512 <"$1"'),
        (FindPipes, {"path": "/run"}, "-type p "),
    ],
)
def test_commands(fact, arguments, part):
    assert part in fact().command(**arguments).render()


def test_values():
    lines = ["extname", "plpgsql", "(1 row)"]
    assert Extensions().process(lines) == Variables().process(lines) == "extname\nplpgsql\n(1 row)"
    assert Extensions.default() is None
    assert Variables.default() is None
    assert Events().process(['{"a": 1}', "", '{"a": 2}']) == [{"a": 1}, {"a": 2}]
    assert Sha512File().process(["ab" * 64 + "  -"]) == "ab" * 64
    assert Sha512File.name == "test_v3_facts.Sha512File"


def test_who_is_logged_in_is_read_where_there_is_no_docker():
    assert DockerAuths().requires_command() is None
    assert DockerAuths().process(["{}"]) == []


def test_a_rule_without_further_words_has_no_extras():
    lines = ["*filter", "-A INPUT -i lo -j ACCEPT", "-A INPUT -p tcp -m tcp -j DROP"]
    assert IptablesRules().process(lines) == [
        {"chain": "INPUT", "in_interface": "lo", "jump": "ACCEPT"},
        {"chain": "INPUT", "protocol": "tcp", "jump": "DROP", "extras": {"-m", "tcp"}},
    ]
