"""pip, uv, pipx, npm, gem, cargo and go: which commands for which host, and what the plan says."""

from __future__ import annotations

import pytest

from ropewalk.facts.cargo import CargoNewest, CargoPackages
from ropewalk.facts.files import File, FileContents
from ropewalk.facts.gem import GemOutdated, GemPackages
from ropewalk.facts.go import GoNewest, GoPackages, GoProgram, GoPrograms
from ropewalk.facts.npm import NpmOutdated, NpmPackages
from ropewalk.facts.pip import PipOutdated, PipPackages
from ropewalk.facts.pipx import PipxEnvironment, PipxOutdated, PipxPackages
from ropewalk.facts.search_path import OnPath
from ropewalk.facts.uv import (
    UvInstalledPythonsByImplementation,
    UvPipOutdated,
    UvPipPackages,
    UvToolBinDir,
    UvTools,
    UvToolsOutdated,
)
from ropewalk.model.command import Change
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import cargo, gem, go, npm, pip, pipx, uv
from ropewalk.testing import evaluate, fact_key

HAVE = {"App.One": {"1.0"}, "b": {"2.0"}}
NEWER = {"app-one": "1.5"}
PYTHONS = {"cpython-3.12.1-linux-x86_64-gnu": {}, "pypy-3.10.14-linux-x86_64-gnu": {}}
FACTS = {
    PipPackages: HAVE, PipOutdated: NEWER, UvPipPackages: HAVE, UvPipOutdated: NEWER, PipxPackages: HAVE,
    PipxOutdated: NEWER, UvTools: HAVE, UvToolsOutdated: NEWER, UvInstalledPythonsByImplementation: PYTHONS,
    NpmPackages: {"a": {"1.0.0"}, "b": {"2.0.0"}, "@s/a": {"3.0.0"}}, NpmOutdated: {"a": "1.1.0"},
    GemPackages: {"a": {"1.0"}, "b": {"2.0"}}, GemOutdated: {"a": "1.1"},
    CargoPackages: {"a": {"1.0.0"}, "b": {"2.0.0"}}, CargoNewest: {"a": "1.1.0", "b": "2.0.0"},
    GoPackages: {"h/one": {"v1.0.0"}, "h/dev": {"(devel)"}}, GoNewest: {"h/one": "v1.1.0"},
    GoPrograms: [GoProgram("/root/go/bin/one", "h/one", "h/one", "v1.0.0"),
                 GoProgram("/root/go/bin/dev", "h/dev", "h/dev", "(devel)")],
}  # fmt: skip

CASES = [
    (pip.packages, {"packages": ["app_one", "b>=2"]}, []),
    (pip.packages, {"packages": ["app_one==2", "c"]}, ["pip install app_one==2 c"]),
    (pip.packages, {"packages": ["app_one", "b"], "latest": True}, ["pip install --upgrade app_one"]),
    (pip.packages, {"packages": ["APP-one", "c"], "present": False}, ["pip uninstall --yes app-one"]),
    (pip.packages, {"packages": "c", "pip": "~/v/bin/pip", "extra_install_args": "--pre -c 'a b'"},
     ["~/v/bin/pip install --pre -c 'a b' c"]),
    (pip.packages, {"packages": ["https://h/x.whl"]}, ["pip install https://h/x.whl"]),
    (pip.packages, {"packages": ["git+https://h/x#egg=b"]}, []),
    (uv.packages, {"packages": ["app_one==2", "c"]}, ["uv pip install --no-progress app_one==2 c"]),
    (uv.packages, {"packages": ["app_one"], "latest": True, "extra_args": "--python '/a b'"},
     ["uv pip install --upgrade --no-progress --python '/a b' app_one"]),
    (uv.packages, {"packages": ["b", "c"], "present": False}, ["uv pip uninstall --no-progress b"]),
    (pipx.packages, {"packages": ["b", "c"]}, ["pipx install c"]),
    (pipx.packages, {"packages": ["b==3"], "extra_args": "--verbose"}, ["pipx install --verbose --force b==3"]),
    (pipx.packages, {"packages": ["app-one", "b"], "latest": True}, ["pipx upgrade app-one"]),
    (pipx.packages, {"packages": ["b", "c"], "present": False}, ["pipx uninstall b"]),
    (pipx.upgrade_all, {}, ["pipx upgrade-all"]),
    (uv.tools, {"tools": ["b", "c"], "extra_args": ["--python", "3 x"]},
     ["uv tool install --no-progress --python '3 x' c"]),
    (uv.tools, {"tools": ["app-one", "b"], "latest": True}, ["uv tool install --upgrade --no-progress app-one"]),
    (uv.tools, {"tools": ["b", "c"], "present": False}, ["uv tool uninstall --no-progress b"]),
    (uv.tools_upgrade_all, {"extra_args": "--pre"}, ["uv tool upgrade --all --no-progress --pre"]),
    (uv.pythons, {"versions": ["3.12", "3.13t", "pypy3.10"]},
     ["uv python install --no-progress --managed-python 3.13t"]),
    (uv.pythons, {"versions": ["3.12", "3.11"], "present": False, "managed": False},
     ["uv python uninstall --no-progress 3.12"]),
    (uv.pythons, {"versions": ["3.12.1"]}, []),
    (uv.pythons, {"versions": []}, []),
    (go.packages, {"packages": ["h/one", "h/two", "h/one@v2.0.0"]},
     ["go install -- h/two@latest", "go install -- h/one@v2.0.0"]),
    (go.packages, {"packages": ["h/one", "h/dev"], "latest": True}, ["go install -- h/one@latest"]),
    (go.packages, {"packages": ["h/dev"], "latest": True}, []),
    (go.packages, {"packages": ["h/one@latest", "h/dev@latest"]}, ["go install -- h/one@latest"]),
    (go.packages, {"packages": ["h/new@latest"]}, ["go install -- h/new@latest"]),
    (go.packages, {"packages": ["h/one@latest"], "present": False}, ["rm -f -- /root/go/bin/one"]),
    (npm.packages, {"packages": ["c", "@s/a", "a@1.0.0"]}, ["npm install -g -- c"]),
    (npm.packages, {"packages": ["a@^2", "b@next"]}, ["npm install -g -- 'a@^2' b@next"]),
    (npm.packages, {"packages": ["a", "b"], "latest": True, "directory": "/it's"},
     ["npm update --prefix '/it'\"'\"'s' -- a"]),
    (npm.packages, {"packages": ["https://example.org/a.tgz"]}, ["npm install -g -- https://example.org/a.tgz"]),
    (npm.packages, {"packages": ["a@next", "c"], "present": False}, ["npm uninstall -g -- a"]),
    (gem.packages, {"packages": ["b:2.0", "b:3.0", "c"]}, ["gem install b:3.0 c"]),
    (gem.packages, {"packages": ["a", "b"], "latest": True}, ["gem update a"]),
    (gem.packages, {"packages": ["b", "c"], "present": False}, ["gem uninstall --all --executables b"]),
    (cargo.packages, {"packages": ["a@2.0.0", "b"]}, ["cargo install -- a@2.0.0"]),
    (cargo.packages, {"packages": ["a", "b"], "latest": True}, ["cargo install -- a"]),
    (cargo.packages, {"packages": ["b", "c"], "present": False}, ["cargo uninstall -- b"]),
    (go.packages, {"packages": ["h/one", "h/two"], "present": False}, ["rm -f -- /root/go/bin/one"]),
]  # fmt: skip


def commands(done):
    return [str(step) for step in done.steps if not isinstance(step, Change)]


@pytest.mark.parametrize(("operation", "how", "expected"), CASES)
def test_commands(operation, how, expected):
    done = evaluate(operation, facts=FACTS, **how)
    assert commands(done) == expected
    assert expected or done.noop


def test_npm_removes_by_name():
    with pytest.raises(OperationValueError, match="does not say the name"):
        evaluate(npm.packages, ["https://example.org/a.tgz"], present=False, facts=FACTS)


def test_which_changes_are_shown():
    done = evaluate(pip.packages, ["app_one==2", "c"], facts=FACTS)
    assert done.steps[:2] == [Change("app-one", "1.0", "==2"), Change("c", None, "installed")] or done.steps[:2] == [
        Change("c", None, "installed"), Change("app-one", "1.0", "==2")]  # fmt: skip
    assert evaluate(uv.tools, "app-one", latest=True, facts=FACTS).steps[0] == Change("app-one", "1.0", "1.5")
    assert evaluate(pipx.upgrade_all, facts=FACTS).steps[0] == Change("app-one", "1.0", "1.5")


@pytest.mark.parametrize(
    ("operation", "program"),
    [(pip.packages, "pip"), (uv.packages, "uv pip")],
)
@pytest.mark.parametrize(
    ("lines", "how", "action"),
    [
        (["app-one>=1", "# a", "b == 2.0"], {}, None),
        (["app-one", "c"], {}, "install"),
        (["app-one>=2"], {}, "install"),
        (["app-one"], {"latest": True}, "upgrade"),
        (["b"], {"latest": True}, None),
        (["app-one<1.2"], {"latest": True}, None),
        (["b", "c"], {"present": False}, "uninstall"),
        (["c"], {"present": False}, None),
        (["-r other.txt"], {}, "install"),
        (["-r other.txt"], {"latest": True}, "upgrade"),
        (["-r other.txt"], {"present": False}, "uninstall"),
        (None, {}, "install"),
    ],
)
def test_requirements_files(operation, program, lines, how, action):
    path = "/srv/my requirements.txt"
    facts = FACTS | {fact_key(FileContents, path=path): lines}
    done = evaluate(operation, [], requirements=path, facts=facts, **how)
    options = {"upgrade": "install --upgrade"}.get(action, action)
    if action is None:
        assert (done.steps, done.noop) == ([], f"all packages in {path} are "
                                               f"{'installed' if how.get('present', True) else 'absent'}")  # fmt: skip
    else:
        [command] = commands(done)
        assert command.startswith(f"{program} {options} ")
        assert command.endswith("-r '/srv/my requirements.txt'")


def test_requirements_and_packages():
    facts = FACTS | {FileContents: ["c"]}
    assert len(commands(evaluate(pip.packages, ["d"], requirements="/r", facts=facts))) == 2


@pytest.mark.parametrize("operation", [pip.packages, uv.packages, uv.tools, pipx.packages])
@pytest.mark.parametrize("text", ["--pre", "a b", "a==", "", "a\nb"])
def test_what_is_no_requirement_is_refused(operation, text):
    with pytest.raises(OperationValueError):
        evaluate(operation, [text], facts=FACTS)


@pytest.mark.parametrize("operation", [pip.packages, uv.packages])
def test_what_has_no_name_cannot_be_removed(operation):
    with pytest.raises(OperationValueError, match="does not say the name"):
        evaluate(operation, ["https://h/x.whl"], present=False, facts=FACTS)


def test_arguments_that_do_not_go_together():
    with pytest.raises(OperationValueError, match="virtualenv_kwargs"):
        evaluate(pip.packages, "a", virtualenv_kwargs={"venv": True}, facts=FACTS)
    with pytest.raises(OperationValueError, match="cannot read"):
        evaluate(uv.packages, "a", extra_args="'", facts=FACTS)
    with pytest.raises(OperationValueError, match="does not name a Python"):
        evaluate(uv.pythons, ">=3.12", facts=FACTS)


def test_tools_whose_newest_versions_are_not_known():
    facts = FACTS | {UvToolsOutdated: None}
    assert commands(evaluate(uv.tools_upgrade_all, facts=facts)) == ["uv tool upgrade --all --no-progress"]
    assert evaluate(uv.tools_upgrade_all, facts=FACTS | {UvTools: {}}).noop == "there is nothing to upgrade"
    assert evaluate(pipx.upgrade_all, facts=FACTS | {PipxPackages: {}}).noop == "there is nothing to upgrade"


@pytest.mark.parametrize(
    ("operation", "fact", "known", "unknown", "command"),
    [
        (pipx.ensure_path, PipxEnvironment, {"PIPX_BIN_DIR": "/root/.local/bin"}, {}, "pipx ensurepath"),
        (uv.tools_update_shell, UvToolBinDir, "/root/.local/bin", "", "uv tool update-shell"),
    ],
)
def test_search_path(operation, fact, known, unknown, command):
    done = evaluate(operation, facts={fact: known, OnPath: False})
    assert done.steps[0] == Change("PATH", None, "/root/.local/bin")
    assert str(done.steps[1]).endswith(command)
    assert evaluate(operation, facts={fact: known, OnPath: True}).noop == "/root/.local/bin is on the search path"
    with pytest.raises(OperationError, match="cannot be checked"):
        evaluate(operation, facts={fact: unknown})


@pytest.mark.parametrize(
    ("operation", "how", "command"),
    [
        (pip.venv, {}, "python3 -m venv '/a b'"),
        (pip.venv, {"python": "python3.12", "site_packages": True, "always_copy": True},
         "python3.12 -m venv --system-site-packages --copies '/a b'"),
        (pip.virtualenv, {"venv": True}, "python3 -m venv '/a b'"),
        (pip.virtualenv, {"python": "3.12", "site_packages": True, "always_copy": True},
         "virtualenv --python 3.12 --system-site-packages --always-copy '/a b'"),
        (uv.venv, {}, "uv venv -- '/a b'"),
        (uv.venv, {"python": "3.12", "seed": True, "link_mode": "copy", "site_packages": True, "clear_existing": True},
         "uv venv --clear --seed --link-mode copy --system-site-packages --python 3.12 -- '/a b'"),
        (uv.venv, {"allow_existing": True, "extra_args": "--offline"}, "uv venv --allow-existing --offline -- '/a b'"),
        (pip.venv, {"present": False}, "rm -rf '/a b'"),
        (uv.venv, {"present": False}, "rm -rf '/a b'"),
    ],
)  # fmt: skip
def test_environments(operation, how, command):
    present = how.get("present", True)
    key = fact_key(File, path="/a b/bin/activate")
    done = evaluate(operation, "/a b", facts={key: None if present else {"mode": 644}}, **how)
    assert commands(done) == [command]
    done = evaluate(operation, "/a b", facts={key: {"mode": 644} if present else None}, **how)
    assert (done.steps, done.noop) == ([], f"/a b is {'' if present else 'not '}a virtual environment")


def test_an_environment_keeps_its_files_or_does_not():
    with pytest.raises(OperationValueError, match="not both"):
        evaluate(uv.venv, "/a", allow_existing=True, clear_existing=True)


def test_packages_in_an_environment_that_is_made_first():
    facts = FACTS | {File: None}
    done = evaluate(pip.packages, "c", virtualenv="/a b/", virtualenv_kwargs={"venv": True}, facts=facts)
    assert commands(done) == ["python3 -m venv '/a b/'", "'/a b/bin/pip' install c"]
