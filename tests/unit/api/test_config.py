"""The config: types, copies, v3's way of putting it back, and requirements."""

from __future__ import annotations

import importlib.metadata

import pytest

from ropewalk import __version__
from ropewalk.api import requirements
from ropewalk.api.config import Config
from ropewalk.api.context import current_state, use
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.model.arguments import declared
from ropewalk.model.command import Secret
from ropewalk.model.errors import ConfigError

# -- values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SUDO", True),
        ("SUDO_USER", None),
        ("SUDO_PASSWORD", "x"),
        ("SUDO_PASSWORD", Secret("x")),
        ("SU_SHELL", "bash"),
        ("SU_SHELL", True),
        ("SHELL", None),
        ("FAIL_PERCENT", 0),
        ("FAIL_PERCENT", 33.3),
        ("CONNECT_TIMEOUT", 0.5),
        ("RETRY_DELAY", 0),
        ("INHERIT_ENV", ["HOME"]),
        ("ENV", {"A": 1}),
        ("SSH_BACKEND", "openssh"),
        ("MY_OWN_KEY", object),
    ],
)
def test_values_that_suit(key, value):
    assert getattr(Config(**{key: value}), key) == value


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("SUDO", "yes", "config.SUDO must be True or False, not 'yes'"),
        ("SUDO", 1, "config.SUDO must be True or False, not 1"),
        ("SUDO_USER", 0, "config.SUDO_USER must be text or None, not 0"),
        ("PARALLEL", -1, "config.PARALLEL must be 0 or more, not -1"),
        ("PARALLEL", True, "config.PARALLEL must be a whole number, not True"),
        ("RETRY", 1.5, "config.RETRY must be a whole number, not 1.5"),
        ("RETRY_DELAY", -1, "config.RETRY_DELAY must be 0 or more"),
        ("CONNECT_TIMEOUT", 0, "config.CONNECT_TIMEOUT must be more than 0"),
        ("FAIL_PERCENT", 101, "config.FAIL_PERCENT must be from 0 to 100"),
        ("INHERIT_ENV", "HOME", "config.INHERIT_ENV must be a list of"),
        ("INHERIT_ENV", [1], "config.INHERIT_ENV must be a list of"),
        ("ENV", ["A=1"], "config.ENV must be a mapping"),
        ("DEFAULT_TEMP_DIR", None, "config.DEFAULT_TEMP_DIR must be text"),
        ("SSH_BACKEND", "paramiko", 'config.SSH_BACKEND must be "asyncssh" or "openssh"'),
    ],
)
def test_values_that_do_not_suit(key, value, message):
    with pytest.raises(ConfigError) as caught:
        setattr(Config(), key, value)
    assert str(caught.value).startswith(message)
    assert "its default is" in caught.value.hint


@pytest.mark.parametrize("key", ["SUDO_PASSWORD", "SU_PASSWORD", "ENV"])
def test_a_password_of_the_wrong_type_is_not_shown(key):
    with pytest.raises(ConfigError) as caught:
        setattr(Config(), key, 73911)
    assert "73911" not in str(caught.value)


def test_every_default_suits_its_own_type():
    for key, value in Config().values().items():
        setattr(Config(), key, value)


def test_every_key_that_a_global_argument_names_exists():
    named = {entry.arg.config for entry in declared().values() if entry.arg.config}
    assert len(named) > 10
    assert named <= Config.known()


# -- copies -------------------------------------------------------------------------------------------------


def test_a_copy_has_every_key_and_is_independent():
    config = Config(ENV={"A": "1"}, SUDO=True, OWN=[1])
    other = config.copy()
    other.ENV["B"], other.SUDO = "2", False
    other.OWN.append(2)
    assert (other.ENV, other.SUDO) == ({"A": "1", "B": "2"}, False)
    assert (config.ENV, config.SUDO, config.OWN) == ({"A": "1"}, True, [1])


def test_the_environment_of_one_config_does_not_reach_another():
    Config().ENV["LEAK"] = "1"
    assert Config().ENV == {}


def test_values_are_all_settings():
    values = Config(SUDO=True, OWN=1).values()
    assert (values["SUDO"], values["SHELL"], values["OWN"]) == (True, "sh", 1)
    assert Config.known() <= set(values)


def test_a_locked_config_can_be_put_back():
    config = Config(SUDO=True, ENV={"A": "1"})
    config.lock_current_state()
    for _ in range(2):  # every deploy file starts from the same values
        config.SUDO, config.SHELL, config.OWN = False, "bash", 1
        config.ENV["B"] = "2"
        config.reset_locked_state()
        assert (config.SUDO, config.SHELL, config.ENV, hasattr(config, "OWN")) == (True, "sh", {"A": "1"}, False)


def test_a_config_that_was_never_locked_stays_as_it_is():
    config = Config(SUDO=True)
    config.reset_locked_state()
    assert config.SUDO is True


def test_the_state_of_a_config_can_be_moved():
    config = Config(SHELL="bash")
    config.set_current_state(Config(SUDO=True, ENV={"A": "1"}).get_current_state())
    assert (config.SUDO, config.SHELL, config.ENV) == (True, "sh", {"A": "1"})


# -- requirements -------------------------------------------------------------------------------------------


@pytest.fixture
def installed(monkeypatch):
    """Packages that count as installed: name to version and dependencies."""
    packages: dict[str, tuple[str, list[str]]] = {}

    class Distribution:
        def __init__(self, name):
            self.version, self.requires = packages[name]

    def distribution(name):
        if name not in packages:
            raise importlib.metadata.PackageNotFoundError(name)
        return Distribution(name)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    requirements._unmet_packages.cache_clear()
    yield packages
    requirements._unmet_packages.cache_clear()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("REQUIRE_PYINFRA_VERSION", None),
        ("REQUIRE_PYINFRA_VERSION", ""),
        ("REQUIRE_PYINFRA_VERSION", "~=3.0"),
        ("REQUIRE_PYINFRA_VERSION", ">=3,<4"),
        ("REQUIRE_PYINFRA_VERSION", "==3.10.0"),
        ("REQUIRE_ROPEWALK_VERSION", f"=={__version__}"),
        ("REQUIRE_PACKAGES", []),
        ("REQUIRE_PACKAGES", ["pyinfra>=3"]),
        ("REQUIRE_PACKAGES", ("PyInfra~=3.0",)),
    ],
)
def test_requirements_that_are_met(key, value):
    setattr(Config(), key, value)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("REQUIRE_PYINFRA_VERSION", ">=4", "pyinfra's API level is 3.10.0, but config.REQUIRE_PYINFRA_VERSION is >=4"),
        ("REQUIRE_PYINFRA_VERSION", "three", "config.REQUIRE_PYINFRA_VERSION is not a version specifier: 'three'"),
        ("REQUIRE_PYINFRA_VERSION", 3, "config.REQUIRE_PYINFRA_VERSION must be text or None"),
        ("REQUIRE_ROPEWALK_VERSION", ">=999", f"ropewalk's version is {__version__}"),
        ("REQUIRE_PACKAGES", ["pyinfra>=4"], "pyinfra is 3.10.0, but pyinfra>=4 is required"),
        ("REQUIRE_PACKAGES", ["not a requirement"], "this is not a requirement: 'not a requirement'"),
    ],
)
def test_requirements_that_are_not_met(key, value, message):
    with pytest.raises(ConfigError) as caught:
        setattr(Config(), key, value)
    assert message in str(caught.value)
    assert caught.value.hint


def test_one_message_names_all_that_is_missing(installed):
    installed["old"] = ("1.0", [])
    with pytest.raises(ConfigError) as caught:
        Config(REQUIRE_PACKAGES=["old>=2", "absent", "gone[extra]==1"])
    assert str(caught.value) == (
        "requirements are not met: old is 1.0, but old>=2 is required; absent is not installed; "
        "gone[extra]==1 is not installed"
    )


def test_what_packages_depend_on_must_be_there_too(installed):
    installed["a"] = ("1", ["b>=1", "never; python_version < '3'", "pyinfra>=3", "legacy (>dev)"])
    installed["b"] = ("2", ["a", "c"])
    with pytest.raises(ConfigError, match=r"requirements are not met: c is not installed \(needed by b\)$"):
        Config(REQUIRE_PACKAGES=["a"])


def test_extras_need_what_they_add(installed):
    installed["requests"] = ("2", ["pysocks; extra == 'socks'"])
    Config(REQUIRE_PACKAGES=["requests"])
    with pytest.raises(ConfigError, match=r"pysocks is not installed \(needed by requests\)"):
        Config(REQUIRE_PACKAGES=["requests[socks]"])


def test_pre_releases_that_are_installed_count(installed):
    installed["a"] = ("2.0rc1", [])
    Config(REQUIRE_PACKAGES=["a>=1"])


def test_a_version_nobody_can_compare_satisfies_only_what_asks_for_none(installed):
    installed["a"] = ("unknown", [])
    Config(REQUIRE_PACKAGES=["a"])
    with pytest.raises(ConfigError, match="a is unknown, but a>=1 is required"):
        Config(REQUIRE_PACKAGES=["a>=1"])


def test_a_requirements_file_is_read_as_pip_reads_it(installed, tmp_path, monkeypatch):
    (tmp_path / "more.txt").write_text("-r requirements.txt\nmissing-more\n")
    (tmp_path / "requirements.txt").write_text(
        "# what this needs\n\n"
        "--index-url https://pypi.example/simple\n"
        "-r more.txt  # others\n"
        "missing-one>=1 ; python_version >= '3' # why\n"
        "never; python_version < '3'\n"
        "missing-two==1 \\\n    --hash=sha256:abc\n"
        "-e git+https://git.example/three.git#egg=missing-three\n"
        "missing-four @ https://files.example/four.whl\n"
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        Config(REQUIRE_PACKAGES="requirements.txt")
    missing = [name for name in ("more", "one", "two", "three", "four") if f"missing-{name}" in str(caught.value)]
    assert missing == ["more", "one", "two", "three", "four"]
    assert "never" not in str(caught.value)


def test_a_requirements_file_is_relative_to_the_directory_of_the_run(installed, tmp_path):
    (tmp_path / "needs.txt").write_text("absent\n")
    state = State(Inventory.empty())
    state.cwd = str(tmp_path)
    with use(current_state, state), pytest.raises(ConfigError, match="absent is not installed"):
        Config(REQUIRE_PACKAGES="needs.txt")


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("ok\n\n>=1\n", "this is not a requirement", 3),
        ("ok \\\n  >=1\n./wheels/x.whl\n", "does not say which package it is", 3),
        ("-e .\n", "does not say which package it is", 1),
        ("https://files.example/x.whl\n", "does not say which package it is", 1),
    ],
)
def test_a_line_that_makes_no_sense_is_named(tmp_path, text, message, line):
    file = tmp_path / "requirements.txt"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        Config(REQUIRE_PACKAGES=str(file))
    assert caught.value.where == f"{file}:{line}"


def test_a_requirements_file_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"requirements file .*no\.txt cannot be read"):
        Config(REQUIRE_PACKAGES=str(tmp_path / "no.txt"))
