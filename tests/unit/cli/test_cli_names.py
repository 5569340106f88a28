"""Operations and facts by name: ropewalk's own, and those of modules in the working directory."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from ropewalk.cli import completion
from ropewalk.cli.command import command
from ropewalk.cli.exec import command_of
from ropewalk.cli.fact import resolve
from ropewalk.cli.names import check_operation_arguments, find_fact, find_operation, own_modules
from ropewalk.compat.names import activate
from ropewalk.facts.files import File
from ropewalk.model.errors import UsageError
from ropewalk.model.event import FactRead, FactValue, Failure
from ropewalk.operations import server
from ropewalk.report.facts import FactTable

MODULE = """
from pyinfra.api import FactBase, ShortFactBase, operation
from pyinfra.operations import server

class Load(FactBase):
    command = "cat /proc/loadavg"

class OneMinute(ShortFactBase):
    fact = Load

@operation()
def restart(app, *, hard=False, **options):
    yield f"restart {app}"

number = 3
"""


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "cli_names_mine.py").write_text(MODULE)
    (tmp_path / "cli_names_broken.py").write_text("import cli_names_nothing\n")
    (tmp_path / "cli_names_raises.py").write_text("raise RuntimeError('boom')\n")
    (tmp_path / "cli_names_exits.py").write_text("import sys; sys.exit(0)\n")
    activate()
    for name in [name for name in sys.modules if name.startswith("cli_names_")]:
        monkeypatch.delitem(sys.modules, name)


def test_own_ones_are_found() -> None:
    assert find_operation("server.shell") is server.shell
    assert find_fact("files.File") is File
    assert {"server", "files"} <= set(own_modules("operation")) & set(own_modules("fact"))


@pytest.mark.parametrize("word", ["cli_names_mine.restart", "cli_names_mine:restart"])
def test_operations_of_modules_are_found(word: str) -> None:
    assert find_operation(word)._inner.__name__ == "restart"


@pytest.mark.parametrize("name", ["Load", "OneMinute"])
def test_facts_of_modules_are_found(name: str) -> None:
    assert find_fact(f"cli_names_mine.{name}").__name__ == name


@pytest.mark.parametrize(
    ("word", "says", "hint"),
    [
        ("shell", "shell is not the name of an operation", "module.name"),
        ("server.", "server. is not the name of an operation", "module.name"),
        ("servr.shell", "there is no module servr with operations", "did you mean server?"),
        ("server.shel", "there is no operation shel in server", "did you mean shell?"),
        ("server.annotations", "server.annotations is not an operation", None),
        ("cli_names_mine.number", "cli_names_mine.number is not an operation", "operations: restart"),
        ("cli_names_broken.x", "cli_names_broken cannot be imported: No module named 'cli_names_nothing'", None),
        ("cli_names_raises.x", "cli_names_raises cannot be imported: RuntimeError: boom", None),
        ("cli_names_exits.x", "cli_names_exits cannot be imported: SystemExit: 0", None),
    ],
)
def test_what_is_not_there_is_told(word: str, says: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        find_operation(word)
    assert str(caught.value) == says
    if hint is not None:
        assert hint in str(caught.value.hint)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [(["a"], {}), (["a"], {"hard": True}), ([], {"app": "a", "_sudo": True, "name": "x", "more": 1})],
)
def test_arguments_that_fit(args: list[Any], kwargs: dict[str, Any]) -> None:
    check_operation_arguments("x", find_operation("cli_names_mine.restart"), args, kwargs)


@pytest.mark.parametrize(
    ("args", "kwargs", "says"),
    [
        ([], {}, "x: missing a required argument: 'app'"),
        (["a", "b"], {}, "x: too many positional arguments"),
        (["a"], {"app": "b"}, "x: multiple values for argument 'app'"),
    ],
)
def test_arguments_that_do_not_fit(args: list[Any], kwargs: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_operation_arguments("x", find_operation("cli_names_mine.restart"), args, kwargs)
    assert str(caught.value) == says
    assert "app" in str(caught.value.hint)


def test_a_misspelt_global_argument_is_recognised() -> None:
    with pytest.raises(UsageError) as caught:
        check_operation_arguments("server.shell", server.shell, ["ls"], {"_sudoo": True})
    assert caught.value.hint == "did you mean _sudo?"


def test_several_facts_with_their_arguments() -> None:
    wanted = resolve(["files.File", "path=/etc/hosts", "_sudo=true", "cli_names_mine.Load"])
    assert [(name, dict(kwargs)) for name, _, kwargs in wanted] == [
        ("files.File", {"path": "/etc/hosts", "_sudo": True}),
        ("cli_names_mine.Load", {}),
    ]


def test_a_fact_without_arguments_takes_none() -> None:
    with pytest.raises(UsageError, match=r"cli_names_mine\.Load has no argument path"):
        resolve(["cli_names_mine.Load", "path=/x"])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["echo $HOME; false"], "echo $HOME; false"),
        (["sh", "-c", "exit 3"], "sh -c 'exit 3'"),
        (["touch", "a b", "$(x)", "", "-y"], "touch 'a b' '$(x)' '' -y"),
    ],
)
def test_exec_keeps_words_apart(words: list[str], expected: str) -> None:
    assert str(command_of(words)) == expected


EVENTS = [
    FactValue("a", "m.F", "", {1, 2}),
    FactValue("b", "m.F", "", None, Failure("FactError", "no")),
    FactRead("b", "m.G", "x=1", 0.1, value="v"),
    FactRead("b", "m.H", "", 0.1, Failure("FactError", "no")),
]


@pytest.mark.parametrize(("every", "expected"), [(False, {"m.F": {"a": [1, 2]}}), (True, {"m.G (x=1)": {"b": "v"}})])
def test_values_of_facts_are_by_fact_and_host(every: bool, expected: dict[str, Any]) -> None:
    table = FactTable(every=every)
    for event in EVENTS:
        table(event)
    assert table.values == expected


def _completed(words: tuple[str, ...], incomplete: str) -> set[str]:
    context = command().make_context("ropewalk", ["inv", *words], resilient_parsing=True)
    found = completion.complete_operations(context, command().params[1], incomplete)
    return {str(item.value) for item in found}


def test_completion_offers_what_there_is() -> None:
    assert {"exec", "fact", "debug-inventory", "server.", "files.", "cli_names_mine.py"} <= _completed((), "")
    assert "server.shell" in _completed((), "server.sh")
    assert "server.Hostname" in _completed(("fact",), "server.Host")
    assert _completed(("exec",), "l") == set()
    inventories = completion.complete_inventory(command().make_context("x", []), command().params[0], "@lo")
    assert [item.value for item in inventories] == ["@local"]
