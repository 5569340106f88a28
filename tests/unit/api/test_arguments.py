"""Global arguments: where a value comes from, what merges, and what is refused."""

from __future__ import annotations

import pytest

from ropewalk.api import arguments
from ropewalk.api.config import Config
from ropewalk.api.context import Frame
from ropewalk.model.arguments import declared
from ropewalk.model.command import Secret
from ropewalk.model.errors import ArgumentTypeError


def resolve(call=None, frames=(), data=None, **config):
    return arguments.resolve(call or {}, frames, data or {}, Config(**config), of="server.shell")


def yes() -> bool:
    return True


def no() -> bool:
    return False


@pytest.mark.parametrize(
    ("call", "frames", "data", "config", "value"),
    [
        pytest.param({}, [], {}, {}, None, id="nobody gives one"),
        pytest.param({}, [], {}, {"SU_USER": "config"}, "config", id="config"),
        pytest.param({}, [], {"_su_user": "data"}, {"SU_USER": "config"}, "data", id="data over config"),
        pytest.param({}, ["outer"], {"_su_user": "data"}, {}, "outer", id="context over data"),
        pytest.param({}, ["outer", "inner"], {}, {}, "inner", id="inner context over outer"),
        pytest.param({"_su_user": "call"}, ["outer"], {"_su_user": "data"}, {}, "call", id="call over all"),
        pytest.param({"_su_user": None}, ["outer"], {}, {"SU_USER": "config"}, None, id="None is a value"),
    ],
)
def test_the_nearest_value_wins(call, frames, data, config, value):
    around = [Frame({"_su_user": name}) for name in frames]
    assert resolve(call, around, data, **config)["_su_user"] == value


@pytest.mark.parametrize(
    ("call", "frame"),
    [
        pytest.param({"_sudo_user": "bob"}, {}, id="in the call"),
        pytest.param({}, {"_sudo_user": "bob"}, id="in a context"),
        pytest.param({"_sudo_user": "bob"}, {"_sudo": False}, id="nearer than the switch"),
        pytest.param({"_doas_user": "bob"}, {}, id="doas"),
    ],
)
def test_a_user_without_its_switch_is_refused(call, frame):
    with pytest.raises(ArgumentTypeError, match="_user is given without _"):
        resolve(call, [Frame(frame)])


@pytest.mark.parametrize(
    ("call", "frame", "data"),
    [
        pytest.param({"_sudo": False}, {"_sudo": True, "_sudo_user": "bob"}, {}, id="turned off for this call"),
        pytest.param({}, {}, {"_sudo_user": "bob"}, id="host data says who, calls say when"),
        pytest.param({"_sudo": True}, {"_sudo_user": "bob"}, {}, id="context says who, call says when"),
    ],
)
def test_a_user_whose_switch_is_off_on_purpose_is_fine(call, frame, data):
    assert resolve(call, [Frame(frame)], data)["_sudo_user"] == "bob"


def test_false_in_a_call_undoes_a_context():
    assert resolve({"_sudo": False}, [Frame({"_sudo": True})], {"_sudo": True}, SUDO=True)["_sudo"] is False


def test_every_argument_has_a_value_and_the_documented_default():
    values = resolve()
    assert list(values) == list(declared())
    assert (values["_shell_executable"], values["_retry_delay"], values["_sudo"]) == ("sh", 5, False)
    assert (values["_if"], values["_env"], values["name"]) == ([], {}, None)


def test_environments_merge(monkeypatch):
    monkeypatch.setenv("FROM_HERE", "here")
    frames = [Frame({"_env": {"C": "outer", "D": "outer"}}), Frame({"_env": {"D": "inner", "E": "inner"}})]
    values = resolve(
        {"_env": {"E": "call"}}, frames, {"_env": {"B": "data", "C": "data"}},
        INHERIT_ENV=["FROM_HERE", "NOT_SET_ANYWHERE"], ENV={"A": "config", "B": "config"},
    )  # fmt: skip
    assert values["_env"] == {
        "FROM_HERE": "here", "A": "config", "B": "data", "C": "outer", "D": "inner", "E": "call",
    }  # fmt: skip


def test_config_wins_over_inherited_environment(monkeypatch):
    monkeypatch.setenv("A", "here")
    assert resolve(INHERIT_ENV=["A"], ENV={"A": "config"})["_env"] == {"A": "config"}


@pytest.mark.parametrize("own", [yes, [yes], (yes,)])
def test_conditions_add_up(own):
    frames = [Frame(conditions=(no,)), Frame(), Frame(conditions=(yes, no))]
    assert resolve({"_if": own}, frames)["_if"] == [no, yes, no, yes]


def test_a_condition_of_the_data_holds_too():
    assert resolve({"_if": yes}, [Frame(conditions=(no,))], {"_if": [yes]})["_if"] == [yes, no, yes]


def test_the_name_of_a_host_s_data_is_not_the_name_of_an_operation():
    assert resolve({}, [], {"name": "web1"})["name"] is None


def test_split():
    assert arguments.split({"_sudo": True, "name": "x", "path": "/x", "_mine": 1}) == (
        {"_sudo": True, "name": "x"}, {"path": "/x", "_mine": 1},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_timeout", 1),
        ("_timeout", 0.5),
        ("_success_exit_codes", [0, 3]),
        ("_success_exit_codes", range(3)),
        ("_sudo_password", "x"),
        ("_sudo_password", Secret("x")),
        ("_if", None),
        ("_if", yes),
        ("_if", [yes, no]),
        ("_env", {"A": Secret("x")}),
        ("_stdin", b"bytes"),
        ("_retry_until", lambda data: False),
    ],
)
def test_values_that_suit(name, value):
    arguments.check(name, value, of="server.shell")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("_sudo", "yes", "_sudo must be True or False, not 'yes'"),
        ("_sudo_user", 0, "_sudo_user must be text or None, not 0"),
        ("_timeout", "5", "_timeout must be a number or None, not '5'"),
        ("_timeout", -1, "_timeout must not be negative"),
        ("_retries", -1, "_retries must not be negative, but is -1"),
        ("_retries", True, "_retries must be a whole number"),
        ("_retry_delay", -1, "_retry_delay must not be negative"),
        ("_parallel", -1, "_parallel must not be negative"),
        ("_success_exit_codes", 0, "_success_exit_codes must be a list of int or None, not 0"),
        ("_success_exit_codes", "0", "_success_exit_codes must be"),
        ("_if", True, "_if must be a function or a list of functions or None, not True"),
        ("_if", [True], "_if must be"),
        ("_env", "A=1", "_env must be a mapping or None"),
        ("_env", {1: "x"}, "_env must be a mapping"),
    ],
)
@pytest.mark.parametrize("source", ["call", "data"])
def test_values_that_do_not_suit(name, value, message, source):
    with pytest.raises(ArgumentTypeError) as caught:
        resolve({name: value}) if source == "call" else resolve({}, (), {name: value})
    assert str(caught.value).startswith(f"server.shell: {message}")
    assert caught.value.hint


@pytest.mark.parametrize("name", ["_sudo_password", "_su_password", "_env"])
def test_a_secret_of_the_wrong_type_is_not_shown(name):
    with pytest.raises(ArgumentTypeError) as caught:
        arguments.check(name, 73911, of="server.shell")
    assert "73911" not in str(caught.value)


def test_a_name_is_text():
    with pytest.raises(ArgumentTypeError, match="name must be text or None, not 5"):
        resolve({"name": 5})
