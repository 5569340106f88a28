"""Config files: what they set, what they are refused for, and what they are warned about."""

from __future__ import annotations

import pytest

from ropewalk.api.config import Config
from ropewalk.inventories import check_requirements, load_config
from ropewalk.model.errors import ConfigError, LoadError


@pytest.fixture
def load(write):
    def load(text=None, *, path="config.py", explicit=False):
        if text is not None:
            write(path, text)
        return load_config(path, explicit, write.cwd)

    return load


def test_every_key_is_kept(load):
    config = load(
        """
        from ropewalk import config
        config.SUDO = True
        config.ENV = {"A": "1"}
        config.ENV["B"] = "2"
        config.SHELL = None
        config.my_own = config.MY_OWN = [1]
        """
    )
    assert (config.SUDO, config.ENV, config.SHELL) == (True, {"A": "1", "B": "2"}, None)
    assert (config.my_own, config.MY_OWN) == ([1], [1])
    assert Config().ENV == {}


def test_there_need_be_no_file(load):
    assert load().values() == Config().values()


@pytest.mark.parametrize(("path", "hint"), [("cofnig.py", "did you mean config.py?"), ("no/where.py", None)])
def test_a_file_that_was_asked_for_must_be_there(load, write, path, hint):
    write("config.py")
    with pytest.raises(ConfigError) as caught:
        load(path=path, explicit=True)
    assert (str(caught.value), caught.value.hint) == (f"there is no config file {path}", hint)


@pytest.mark.parametrize("explicit", [True, False])
def test_a_directory_is_no_config_file(load, write, explicit):
    write("config.py/other.py")
    with pytest.raises(ConfigError, match=r"there is no config file config\.py"):
        load(explicit=explicit)


@pytest.mark.parametrize(
    ("text", "kind", "message", "line"),
    [
        ("config.SUDO = 'yes'", ConfigError, "config.SUDO must be True or False, not 'yes'", 3),
        ("def f():\n    config.RETRY = -1\nf()", ConfigError, "config.RETRY must be 0 or more", 4),
        ("config.REQUIRE_PYINFRA_VERSION = '>=4'", ConfigError, "pyinfra's API level is 3.10.0", 3),
        ("config.REQUIRE_PACKAGES = ['no-such-package-x']", ConfigError, "no-such-package-x is not installed", 3),
        ("config.SHELL = undefined", LoadError, "config.py cannot be loaded: NameError", 3),
        ("config.SHELL = = 1", LoadError, "config.py cannot be loaded: invalid syntax", 3),
        ("print(config.SHELLL)", LoadError, "'Config' object has no attribute 'SHELLL'", 3),
    ],
)
def test_what_goes_wrong_has_its_place(load, text, kind, message, line):
    with pytest.raises(kind) as caught:
        load(f"from ropewalk import config\n\n{text}\n")
    assert message in str(caught.value)
    assert caught.value.where == f"config.py:{line}"


def test_requirements_files_are_relative_to_the_working_directory(load, write):
    write("requirements.txt", "no-such-package-x\n")
    with pytest.raises(ConfigError, match="no-such-package-x is not installed"):
        load("from ropewalk import config\nconfig.REQUIRE_PACKAGES = 'requirements.txt'")


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("config.SU_USR = 'x'", ["config.py:2: config.SU_USR is not a setting; did you mean config.SU_USER?"]),
        ("setattr(config, 'SUOD', 1)", ["config.py: config.SUOD is not a setting; did you mean config.SUDO?"]),
        ("SUDO = True", ["config.py:2: SUDO = ... has no effect; write config.SUDO = ..."]),
        ("SUDO = config.SUDO = True", []),
        ("from os import sep as SHELL", []),
        ("config.DEPLOY_KEY = config.sud = 1", []),
        ("config.SUDO = True", []),
    ],
)  # fmt: skip
def test_what_may_be_a_mistake_is_warned_about(load, noted, text, warnings):
    load(f"from ropewalk import config\n{text}\n")
    assert noted == [f"warning: {warning}" for warning in warnings]


def test_requirements_can_be_checked_together():
    check_requirements(Config(REQUIRE_PYINFRA_VERSION=">=3", REQUIRE_PACKAGES=["pyinfra"]))
    config = Config()
    config.__dict__.update(REQUIRE_PYINFRA_VERSION=">=4", REQUIRE_PACKAGES=["no-such-package-x"])
    with pytest.raises(ConfigError) as caught:
        check_requirements(config)
    assert str(caught.value) == (
        "requirements are not met: pyinfra's API level is 3.10.0, but config.REQUIRE_PYINFRA_VERSION is >=4; "
        "no-such-package-x is not installed"
    )
