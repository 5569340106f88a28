"""pip, uv, pipx and go: which commands for which host, and what the plan says."""

from __future__ import annotations

import pytest

from ropewalk.facts.files import FileContents
from ropewalk.facts.go import GoNewest, GoPackages, GoProgram, GoPrograms
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
from ropewalk.operations import go, pip, pipx, uv
from ropewalk.testing import evaluate, fact_key

HAVE = {"App.One": {"1.0"}, "b": {"2.0"}}
NEWER = {"app-one": "1.5"}
PYTHONS = {"cpython-3.12.1-linux-x86_64-gnu": {}, "pypy-3.10.14-linux-x86_64-gnu": {}}
FACTS = {
    PipPackages: HAVE, PipOutdated: NEWER, UvPipPackages: HAVE, UvPipOutdated: NEWER, PipxPackages: HAVE,
    PipxOutdated: NEWER, UvTools: HAVE, UvToolsOutdated: NEWER, UvInstalledPythonsByImplementation: PYTHONS,
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
    (go.packages, {"packages": ["h/one", "h/two"], "present": False}, ["rm -f -- /root/go/bin/one"]),
]  # fmt: skip


def commands(done):
    return [str(step) for step in done.steps if not isinstance(step, Change)]


@pytest.mark.parametrize(("operation", "how", "expected"), CASES)
def test_commands(operation, how, expected):
    done = evaluate(operation, facts=FACTS, **how)
    assert commands(done) == expected
    assert expected or done.noop


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
