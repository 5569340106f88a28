"""server.user and server.group: what they yield for what there is."""

from __future__ import annotations

import shlex

import pytest

from ropewalk.api import Change, OperationError, OperationValueError, Secret, Upload, sh
from ropewalk.facts.files import Directory, File, FileContents, Link
from ropewalk.facts.server import Groups, Os, Users, Which
from ropewalk.model.errors import OperationTypeError
from ropewalk.model.v3command import secrets_in
from ropewalk.operations import server
from ropewalk.operations.server import accounts
from ropewalk.testing import evaluate, fact_key

BOB = {
    "home": "/home/bob",
    "comment": "Bob",
    "shell": "/bin/sh",
    "group": "bob",
    "groups": ["adm", "www"],
    "uid": 1000,
    "gid": 1000,
    "lastlog": None,
    "login_time": None,
    "password": "$6$old",
}
OWN = {"user": "bob", "group": "bob", "mode": 755}
KEY = "ssh-ed25519 AAAAC3Nza ada@desk"
HOSTILE = ["a;b", "$(touch x)", "it's", "-rf", "a b", "a\nb", "`x`", "*", '"', "\\"]


def facts(os="Linux", also=None):
    given = {Users: {"bob": BOB}, Groups: ["root", "bob"], Os: os, Which: "/usr/sbin/tool", Directory: OWN}
    return {**given, **(also or {})}


def steps(*args, os="Linux", also=None, **kwargs):
    return evaluate(server.user, *args, facts=facts(os, also), **kwargs).steps


NEW = "/home/ada"


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        pytest.param({}, sh("useradd", "-d", NEW, "-M", "--", "ada"), id="nothing given"),
        pytest.param({"create_home": True}, sh("useradd", "-d", NEW, "-m", "--", "ada"), id="create_home"),
        pytest.param({"system": True}, sh("useradd", "-d", NEW, "-r", "-M", "--", "ada"), id="system"),
        pytest.param({"uid": 5}, sh("useradd", "-d", NEW, "-u", "5", "-M", "--", "ada"), id="uid"),
        pytest.param(
            {"uid": 5, "unique": False}, sh("useradd", "-d", NEW, "-u", "5", "-o", "-M", "--", "ada"), id="same uid"
        ),
        pytest.param(
            {"shell": "/bin/z sh", "comment": "A; b", "group": "g", "groups": ["x", "y"]},
            sh("useradd", "-d", NEW, "-s", "/bin/z sh", "-g", "g", "-c", "A; b", "-G", "x,y", "-M", "--", "ada"),
            id="everything else",
        ),
    ],
)
def test_a_new_user_is_made_with_one_command(arguments, command):
    assert steps("ada", ensure_home=False, **arguments) == [command]


def test_a_new_user_joins_the_group_of_the_same_name_if_there_is_one():
    made = steps("ada", ensure_home=False, also={Groups: ["ada"]})
    assert made == [sh("useradd", "-d", NEW, "-g", "ada", "-M", "--", "ada")]


def test_the_home_of_a_new_user_is_made_and_given_to_the_login_group():
    assert steps("ada", also={Directory: None})[1:] == [
        sh("mkdir", "-p", "--", NEW),
        sh("chown", "ada:", "--", NEW),
    ]


def test_a_home_that_useradd_makes_is_not_made_twice():
    assert steps("ada", create_home=True, also={Directory: None}) == [sh("useradd", "-d", NEW, "-m", "--", "ada")]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param({}, [], id="nothing asked"),
        pytest.param({"shell": "", "comment": "", "groups": [], "home": ""}, [], id="empty means: as it is"),
        pytest.param({"home": "/home/bob", "shell": "/bin/sh", "group": "bob", "uid": 1000}, [], id="all as it is"),
        pytest.param({"group": "1000"}, [], id="group by number"),
        pytest.param({"groups": ["www", "adm"]}, [], id="groups in another order"),
        pytest.param({"groups": ["www", "adm", "bob"]}, [], id="the primary group among the others"),
        pytest.param({"groups": ["www"], "append": True}, [], id="append what is there"),
        pytest.param(
            {"shell": "/bin/bash"},
            [Change("shell", "/bin/sh", "/bin/bash"), sh("usermod", "-s", "/bin/bash", "--", "bob")],
            id="shell",
        ),
        pytest.param({"unique": False}, [], id="unique says nothing without uid"),
        pytest.param(
            {"uid": 7, "unique": False},
            [Change("uid", "1000", "7"), sh("usermod", "-u", "7", "-o", "--", "bob")],
            id="uid",
        ),
        pytest.param(
            {"groups": ["www", "new"]},
            [Change("groups", "adm, www", "new, www"), sh("usermod", "-G", "www,new", "--", "bob")],
            id="groups",
        ),
        pytest.param(
            {"groups": ["new"], "append": True},
            [Change("groups", "adm, www", "adm, new, www"), sh("usermod", "-a", "-G", "new", "--", "bob")],
            id="append",
        ),
    ],
)
def test_a_user_is_changed_with_one_command_and_only_where_needed(arguments, expected):
    assert steps("bob", ensure_home=False, **arguments) == expected


def test_several_attributes_change_in_one_command():
    assert steps("bob", ensure_home=False, group="www", comment="B") == [
        Change("comment", "Bob", "B"),
        Change("group", "bob", "www"),
        sh("usermod", "-c", "B", "-g", "www", "--", "bob"),
    ]


@pytest.mark.parametrize(
    ("os", "arguments", "command"),
    [
        ("FreeBSD", {"groups": ["new"]}, sh("pw", "usermod", "-n", "bob", "-G", "new")),
        ("FreeBSD", {"groups": ["new"], "append": True}, sh("pw", "usermod", "-n", "bob", "-G", "adm,new,www")),
        ("OpenBSD", {"groups": ["new"]}, sh("usermod", "-S", "new", "--", "bob")),
        ("OpenBSD", {"groups": ["new"], "append": True}, sh("usermod", "-G", "new", "--", "bob")),
        ("NetBSD", {"groups": ["new", "adm", "www"]}, sh("usermod", "-G", "new,adm,www", "--", "bob")),
    ],
)
def test_other_systems_spell_groups_otherwise(os, arguments, command):
    assert steps("bob", os=os, ensure_home=False, **arguments)[-1] == command


def test_a_system_that_cannot_take_a_user_out_of_a_group_says_so():
    with pytest.raises(OperationError, match="cannot take bob out of adm"):
        steps("bob", os="NetBSD", groups=["www"])


@pytest.mark.parametrize(
    ("os", "user", "command"),
    [
        ("FreeBSD", "ada", sh("pw", "useradd", "-n", "ada", "-d", NEW)),
        ("OpenBSD", "ada", sh("useradd", "-d", NEW, "--", "ada")),
    ],
)
def test_other_systems_make_users_otherwise(os, user, command):
    assert steps(user, os=os, ensure_home=False, system=True) == [command]


@pytest.mark.parametrize(
    ("name", "os", "expected"),
    [
        ("bob", "Linux", [sh("userdel", "--", "bob")]),
        ("bob", "FreeBSD", [sh("pw", "userdel", "-n", "bob")]),
        ("ada", "Linux", []),
    ],
)
def test_removal(name, os, expected):
    assert steps(name, os=os, present=False) == expected


def test_nothing_to_do_says_why():
    assert evaluate(server.user, "bob", facts=facts()).noop == "user bob is as wanted"
    assert evaluate(server.user, "ada", present=False, facts=facts()).noop == "there is no user ada"


def test_a_converged_user_costs_two_facts():
    assert evaluate(server.user, "bob", shell="/bin/sh", facts=facts()).asked == [Users, Directory]


@pytest.mark.parametrize(("verb", "arguments"), [("useradd", {"user": "ada"}), ("userdel", {"present": False})])
def test_a_missing_tool_is_named(verb, arguments):
    with pytest.raises(OperationError, match=f"{verb} is not installed") as raised:
        evaluate(server.user, **{"user": "bob", **arguments}, facts=facts(also={Which: None}))
    assert "shadow" in raised.value.hint


class TestHome:
    @pytest.mark.parametrize(
        ("have", "expected"),
        [
            pytest.param(OWN, [], id="as it should be"),
            pytest.param({**OWN, "mode": 700}, [], id="its mode is the user's affair"),
            pytest.param({**OWN, "user": "root"}, [sh("chown", "bob:bob", "--", "/home/bob")], id="owner"),
            pytest.param({**OWN, "group": "root"}, [sh("chown", "bob:bob", "--", "/home/bob")], id="group"),
            pytest.param(
                None, [sh("mkdir", "-p", "--", "/home/bob"), sh("chown", "bob:bob", "--", "/home/bob")], id="absent"
            ),
        ],
    )
    def test_directory(self, have, expected):
        assert steps("bob", also={Directory: have}) == expected

    @pytest.mark.parametrize("arguments", [{}, {"uid": 1000}])
    def test_users_with_the_same_number_own_the_same_files(self, arguments):
        users = {"bob": BOB, "twin": {**BOB, "group": "bob"}}
        assert steps("bob", also={Users: users, Directory: {**OWN, "user": "twin"}}, **arguments) == []

    @pytest.mark.parametrize("home", ["/", "/usr/sbin", "/usr/sbin/", "/nonexistent", "/dev"])
    def test_directories_of_everybody_are_left_alone(self, home):
        assert steps("bob", also={Users: {"bob": {**BOB, "home": home}}}) == []

    def test_a_link_is_left_alone(self):
        assert steps("bob", also={Directory: False, Link: {**OWN, "link_target": "/data/bob"}}) == []

    def test_a_user_without_one_is_left_alone(self):
        assert steps("bob", also={Users: {"bob": {**BOB, "home": None}}}) == []

    def test_a_file_in_the_way_is_an_error(self):
        with pytest.raises(OperationError, match=r"/home/bob.*not a directory"):
            steps("bob", also={Directory: False, Link: False})


class TestPassword:
    HASH = "$6$salt$it's EOF"

    @pytest.mark.parametrize("given", [HASH, Secret(HASH)])
    @pytest.mark.parametrize("user", ["bob", "ada"])
    def test_it_is_set_through_standard_input_and_never_shown(self, user, given):
        *_, change, command = steps(user, ensure_home=False, password=given)
        assert change == Change("password", "*****", "*****")
        assert self.HASH not in str(command)
        assert list(secrets_in(command)) == [f"{user}:{self.HASH}"]

    def test_chpasswd_reads_it_and_no_argument_holds_it(self):
        command = steps("bob", ensure_home=False, password=self.HASH)[-1].render(reveal=True)
        words, document = command.split("\n", 1)
        assert shlex.split(words) == ["set", "--", f"bob:{self.HASH}", "&&", "chpasswd", "-e", "<<EOF"]
        assert document == "$1\nEOF"

    @pytest.mark.parametrize("given", ["$6$old", Secret("$6$old"), "", None])
    def test_the_same_one_is_left_alone(self, given):
        assert steps("bob", ensure_home=False, password=given) == []

    def test_an_unknown_one_is_set(self):
        users = {"bob": {**BOB, "password": None}}
        assert len(steps("bob", ensure_home=False, password="$6$old", also={Users: users})) == 2

    def test_freebsd_reads_it_too(self):
        command = steps("bob", os="FreeBSD", ensure_home=False, password="$6$x")[-1]
        assert command.render(reveal=True) == "set -- '$6$x' && pw usermod -n bob -H 0 <<EOF\n$1\nEOF"

    @pytest.mark.parametrize(
        ("os", "given", "message"),
        [
            ("OpenBSD", "$2b$x", "no command that sets a password"),
            ("Linux", "a:b", "not an encrypted one"),
            ("Linux", "$6$x\nroot:y", "not an encrypted one"),
        ],
    )
    def test_what_cannot_be_done_safely_is_refused(self, os, given, message):
        with pytest.raises(OperationError, match=message) as raised:
            steps("bob", os=os, password=given)
        assert given not in str(raised.value)


class TestKeys:
    def test_one_upload_into_a_directory_of_the_users_own(self):
        also = {fact_key(Directory, path="/home/bob/.ssh"): None, FileContents: None}
        made, owned, _diff, upload = steps("bob", public_keys=KEY, also=also)
        assert made == sh("mkdir", "-p", "-m", "700", "--", "/home/bob/.ssh")
        assert owned == sh("chown", "-h", "bob:bob", "--", "/home/bob/.ssh")
        assert upload == Upload(f"{KEY}\n".encode(), "/home/bob/.ssh/authorized_keys", "600", "bob", "bob")

    def test_the_file_of_a_new_user_gets_the_login_group_that_there_will_be(self):
        also = {Directory: None, FileContents: None}
        *_, upload, owned = steps("ada", public_keys=KEY, also=also)
        assert upload == Upload(f"{KEY}\n".encode(), "/home/ada/.ssh/authorized_keys", "600", "ada")
        assert owned == sh("chown", "-h", "ada:", "--", "/home/ada/.ssh/authorized_keys")

    def test_a_user_without_a_home_has_no_place_for_them(self):
        with pytest.raises(OperationError, match="bob has no home directory"):
            steps("bob", public_keys=KEY, also={Users: {"bob": {**BOB, "home": None}}})

    def test_nothing_to_do(self):
        own = {"user": "bob", "group": "bob", "mode": 700}
        also = {fact_key(Directory, path="/home/bob/.ssh"): own, FileContents: [KEY], File: {**own, "mode": 600}}
        assert steps("bob", public_keys=[KEY], delete_keys=True, also=also) == []


@pytest.mark.parametrize("name", ["a b", "-rf", "a:b", "a,b", "a/b", "a\nb", "", "\0", "$(touch x)"])
def test_a_name_that_would_break_a_line_is_refused(name):
    with pytest.raises(OperationValueError, match="cannot be the name of a user"):
        steps(name)


@pytest.mark.parametrize("name", ["a;b", "it's", "`x`", "*", "$HOME", "née"])
def test_other_names_stay_one_word(name):
    (command,) = steps(name, ensure_home=False)
    assert shlex.split(command.render()) == ["useradd", "-d", f"/home/{name}", "-M", "--", name]


@pytest.mark.parametrize("argument", ["home", "shell", "comment"])
@pytest.mark.parametrize("value", HOSTILE)
def test_other_values_stay_one_word(argument, value):
    command = steps("bob", ensure_home=False, **{argument: value})[-1]
    option = {"home": "-d", "shell": "-s", "comment": "-c"}[argument]
    assert shlex.split(command.render()) == ["usermod", option, value, "--", "bob"]


def test_groups_given_as_one_text_are_a_mistake():
    with pytest.raises(OperationTypeError, match=r"must be a list, not 'wheel'"):
        steps("bob", groups="wheel")


@pytest.mark.parametrize("group", ["a,b", "a b", ""])
def test_groups_must_have_names(group):
    with pytest.raises(OperationValueError, match="cannot be the name of a group"):
        steps("bob", groups=[group])


@pytest.mark.parametrize(
    ("arguments", "os", "expected"),
    [
        pytest.param({"group": "bob"}, "Linux", [], id="there"),
        pytest.param({"group": "new"}, "Linux", [sh("groupadd", "--", "new")], id="new"),
        pytest.param(
            {"group": "new", "gid": 7, "system": True},
            "Linux",
            [sh("groupadd", "-r", "-g", "7", "--", "new")],
            id="all",
        ),
        pytest.param({"group": "new", "system": True}, "OpenBSD", [sh("groupadd", "--", "new")], id="no system ones"),
        pytest.param({"group": "new", "gid": 7}, "FreeBSD", [sh("pw", "groupadd", "-n", "new", "-g", "7")], id="pw"),
        pytest.param({"group": "bob", "gid": "1000"}, "Linux", [], id="same number"),
        pytest.param(
            {"group": "bob", "gid": 7},
            "Linux",
            [Change("gid", "1000", "7"), sh("groupmod", "-g", "7", "--", "bob")],
            id="other number",
        ),
        pytest.param({"group": "root", "gid": 7}, "Linux", [], id="not in the file: left alone"),
        pytest.param({"group": "bob", "present": False}, "Linux", [sh("groupdel", "--", "bob")], id="removed"),
        pytest.param({"group": "new", "present": False}, "Linux", [], id="not there"),
    ],
)
def test_group(arguments, os, expected):
    also = {FileContents: ["# comment", "bob:x:1000:", "broken"]}
    done = evaluate(server.group, **arguments, facts=facts(os, also))
    assert done.steps == expected
    assert bool(done.noop) is not bool(expected)


@pytest.mark.parametrize("name", ["", "-x", "a b", "a:b", "a\nb"])
def test_a_group_must_have_a_name(name):
    with pytest.raises(OperationValueError, match="cannot be the name of a group"):
        evaluate(server.group, name, facts=facts())


def test_the_table_of_systems_falls_back_to_the_common_tools():
    assert accounts.tools_for(None) is accounts.SHADOW
