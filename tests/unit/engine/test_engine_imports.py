"""What lies below a deploy's folders is executed afresh for every pass, and for every host that it uses."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from ropewalk.api import Config
from ropewalk.api.context import current_config, current_host, use
from ropewalk.engine.imports import DEPLOY, Tree, current_tree, kept, namespace
from ropewalk.engine.program import execute as execute_file
from ropewalk.engine.program import load
from ropewalk.model.errors import LoadError
from ropewalk.model.outcome import ExitStatus, Outcome
from support.play import Stage


@pytest.fixture(autouse=True)
def clean_modules() -> Iterator[None]:
    """Forget what a test has left in the interpreter."""
    before, path = dict(sys.modules), list(sys.path)
    yield
    for name in set(sys.modules) - set(before):
        del sys.modules[name]
    sys.path[:] = path


def write(folder: Path, **files: str) -> None:
    """Write files; ``__`` in a name stands for a slash."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if path.name == "init.py":
            path.rename(path.with_name("__init__.py"))


def run(folder: Path, source: str, tree: Tree | None = None) -> dict[str, Any]:
    """Execute a deploy's code; return its globals."""
    path = str(folder / "deploy.py")
    with use(current_tree, tree or Tree((str(folder),))), namespace(path) as names:
        exec(compile(source, path, "exec"), names)  # noqa: S102
    return names


def test_a_module_is_executed_once_for_each_tree(tmp_path: Path) -> None:
    write(tmp_path, mine="import other_of_mine\ncount = other_of_mine.count", other_of_mine="count = [0]")
    one, two = Tree((str(tmp_path),)), Tree((str(tmp_path),))
    source = "import mine, other_of_mine\nmine.count[0] += 1\nsame = mine.count is other_of_mine.count"
    first = run(tmp_path, source, one)
    assert first["same"]
    assert run(tmp_path, source, one)["mine"].count == [2]
    assert run(tmp_path, source, two)["mine"].count == [1]
    assert run(tmp_path, source, one)["mine"] is first["mine"]


def _of_two_hosts(folder: Path, source: str) -> list[dict[str, Any]]:
    """Execute a deploy's code for two hosts of one pass; return their globals."""
    common: dict[str, ModuleType] = {}
    made = []
    for name in ("a", "b"):
        with use(current_host, SimpleNamespace(name=name, runner=SimpleNamespace(catch_up=lambda: None))):  # type: ignore[arg-type]
            made.append(run(folder, source, Tree((str(folder),), common=common)))
    return made


def test_hosts_share_modules_that_use_none_of_them(tmp_path: Path) -> None:
    (tmp_path / "pkg_k").mkdir()
    write(tmp_path, shared_k="from ropewalk import host\nvalues = []\ndef add(): values.append(host.name)")
    (tmp_path / "pkg_k" / "inner.py").write_text("import shared_k\nvalues = shared_k.values\n")
    one, two = _of_two_hosts(tmp_path, "import shared_k, pkg_k.inner\nshared_k.add()")
    assert one["shared_k"].values == ["a", "b"]
    assert two["pkg_k"].inner.values is one["pkg_k"].inner.values is two["shared_k"].values


@pytest.mark.parametrize(
    "uses",
    ["from ropewalk import host\nname = host.name", "from ropewalk import host\ndef f(): return host.name\nname = f()"],
)
def test_a_module_that_uses_its_host_is_the_hosts_own(uses: str, tmp_path: Path) -> None:
    write(tmp_path, own_l=uses, around_l="import own_l\nname = own_l.name", apart_l="value = object()")
    write(tmp_path, circle_l="import back_l\nfrom ropewalk import host\nname = host.name", back_l="import circle_l")
    one, two = _of_two_hosts(tmp_path, "import own_l, around_l, apart_l, circle_l, back_l")
    for made, name in ((one, "a"), (two, "b")):
        assert [made[module].name for module in ("own_l", "around_l", "circle_l")] == [name] * 3
        assert made["back_l"].circle_l is made["circle_l"]
    assert one["apart_l"] is two["apart_l"]


def test_what_one_host_leaves_in_a_module_others_find_in_the_same_pass_only(tmp_path: Path) -> None:
    write(tmp_path, left_m="hosts = []")
    (tmp_path / "deploy.py").write_text(
        "from ropewalk import host\nfrom ropewalk.operations import server\nimport left_m\n"
        "left_m.hosts.append(host.name)\n"
        "server.shell(name=' '.join(sorted(left_m.hosts)), commands='true', _if=lambda: len(left_m.hosts) == 2)\n"
    )
    stage = Stage(["a", "b"])
    stage.state.cwd = str(tmp_path)
    played = stage.play(tmp_path / "deploy.py")
    assert [outcome for host in ("a", "b") for _, outcome in played.outcomes(host)] == [Outcome.CHANGED] * 2


def test_modules_of_others_are_shared(tmp_path: Path) -> None:
    names = run(tmp_path, "import json, os.path, xml.dom.minidom\nimport ropewalk.api as api")
    assert names["json"] is json
    assert names["api"] is sys.modules["ropewalk.api"]
    assert names["xml"].dom.minidom


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("import pkg_a.sub.deep as m; value = m.NAME", "pkg_a.sub.deep"),
        ("import pkg_a.sub.deep; value = pkg_a.sub.deep.NAME", "pkg_a.sub.deep"),
        ("from pkg_a.sub import deep; value = deep.NAME", "pkg_a.sub.deep"),
        ("from pkg_a.sub.deep import NAME as value", "pkg_a.sub.deep"),
        ("from pkg_a import sub; value = sub.__name__", "pkg_a.sub"),
        ("from pkg_a import up; value = up.value", "pkg_a.sub.deep"),
        ("from pkg_a.sub import beside; value = beside.value", ("pkg_a.sub.deep", "pkg_a.top")),
        ("from pkg_a.top import *; value = NAME", "pkg_a.top"),
        ("from pkg_a import *; value = top.NAME", "pkg_a.top"),
    ],
)
def test_packages(source: str, value: object, tmp_path: Path) -> None:
    write(
        tmp_path,
        pkg_a__init="from . import top\n__all__ = ['top']",
        pkg_a__top="NAME = __name__",
        pkg_a__up="from .sub.deep import NAME as value",
        pkg_a__sub__init="",
        pkg_a__sub__deep="NAME = __name__",
        pkg_a__sub__beside="from . import deep\nfrom .. import top\nvalue = deep.NAME, top.NAME",
    )
    assert run(tmp_path, source)["value"] == value


@pytest.mark.parametrize(
    "source",
    [
        "from folder_b import mod",
        "import folder_b.mod as mod",
        "from folder_b.inner import mod",
        "import folder_b.inner.mod\nmod = folder_b.inner.mod",
    ],
)
def test_folders_without_an_init_file_are_packages_too(source: str, tmp_path: Path) -> None:
    write(tmp_path, folder_b__mod="count = []", folder_b__inner__mod="from folder_b import mod as outer\ncount = []")
    one, two = Tree((str(tmp_path),)), Tree((str(tmp_path),))
    first = run(tmp_path, source, one)["mod"]
    assert run(tmp_path, source, one)["mod"] is first
    assert run(tmp_path, source, two)["mod"] is not first


def test_a_folder_does_not_stand_in_the_way_of_a_package(tmp_path: Path) -> None:
    write(tmp_path, json__notes="", concurrent__x="")
    names = run(tmp_path, "import json\nimport concurrent.futures\nvalue = json.dumps([1])")
    assert names["value"] == "[1]"


def test_a_folder_may_share_its_name_with_a_folder_elsewhere(tmp_path: Path) -> None:
    write(tmp_path / "here", shared_c__mine="x = 1")
    write(tmp_path / "there", shared_c__theirs="x = 2")
    sys.path.append(str(tmp_path / "there"))
    assert run(tmp_path / "here", "from shared_c import mine\nvalue = mine.x")["value"] == 1


def test_an_environment_inside_the_tree_is_not_part_of_it(tmp_path: Path) -> None:
    packages = tmp_path / "venv" / "site-packages"
    write(packages, installed_d="value = object()", installed_e__init="", installed_e__sub="value = object()")
    sys.path.insert(0, str(packages))
    source = "import installed_d\nfrom installed_e import sub\nvalue = installed_d.value, sub.value"
    folders = (str(tmp_path), str(packages))
    one, two = (run(tmp_path, source, Tree(folders))["value"] for _ in range(2))
    assert one == two


def test_a_module_that_fails_is_tried_again(tmp_path: Path) -> None:
    write(tmp_path, broken_f="raise ValueError('not today')")
    tree = Tree((str(tmp_path),))
    for _ in range(2):
        with pytest.raises(ValueError, match="not today"):
            run(tmp_path, "import broken_f", tree)
    write(tmp_path, broken_f="value = 'mended and longer'")
    assert run(tmp_path, "import broken_f", tree)["broken_f"].value == "mended and longer"


def test_what_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, pkg_g__init="", plain_g="")
    for source in ("import no_such_g", "from pkg_g import nothing", "import plain_g.sub", "from . import x"):
        with pytest.raises(ImportError):
            run(tmp_path, source)


def test_modules_that_import_each_other(tmp_path: Path) -> None:
    write(tmp_path, one_h="import two_h\nvalue = 1", two_h="import one_h\nvalue = one_h.__name__")
    assert run(tmp_path, "import one_h, two_h")["two_h"].value == "one_h"


def test_dataclasses_with_annotations_as_text(tmp_path: Path) -> None:
    source = """
from __future__ import annotations
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

@dataclass
class Point:
    x: int
    _: KW_ONLY
    count: ClassVar[int] = 0
    y: int = 2

value = Point(1)
"""
    write(tmp_path, data_i=source)
    assert repr(run(tmp_path, source)["value"]) == "Point(x=1, y=2)"
    assert repr(run(tmp_path, "from data_i import value")["value"]) == "Point(x=1, y=2)"
    assert DEPLOY in sys.modules


def test_outside_a_deploy_imports_are_pythons_own(tmp_path: Path) -> None:
    write(tmp_path, plain_j="value = object()")
    sys.path.insert(0, str(tmp_path))
    names = []
    for _ in range(2):
        with namespace("x") as made:
            exec("import plain_j", made)  # noqa: S102
        names.append(made["plain_j"].value)
    assert names[0] is names[1]


@pytest.mark.parametrize("package", ["tasks/__init__.py", None])
def test_operations_in_imported_modules_run_on_every_host_in_both_passes(package: str | None, tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    if package:
        (tmp_path / package).write_text("")
    operation = "from ropewalk.operations import server\nserver.shell(name=__name__, commands='echo ran >> ran')\n"
    (tmp_path / "tasks" / "web.py").write_text(operation)
    (tmp_path / "single.py").write_text(operation)
    (tmp_path / "deploy.py").write_text("from tasks import web\nimport single\n")
    stage = Stage(["a", "b"])
    stage.state.cwd = str(tmp_path)
    played = stage.play(tmp_path / "deploy.py")
    for host in ("a", "b"):
        assert played.outcomes(host) == [("tasks.web", Outcome.CHANGED), ("single", Outcome.CHANGED)]
        assert played.machines[host].read("ran") == "ran\nran\n"
    assert played.result.status is ExitStatus.OK


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot read"), (b"def (", "not valid Python"), (b"\xff\xfe", "not"), (b"x = '\0'", "not"),
     (b"# coding: nonsense\n", "not")],
)  # fmt: skip
def test_files_that_are_no_deploys(content: bytes | None, says: str, tmp_path: Path) -> None:
    path = tmp_path / "deploy.py"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LoadError, match=says):
        load(str(path))


def test_a_file_is_compiled_again_when_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "deploy.py"
    path.write_text("1")
    first = load(str(path))
    assert load(str(path)) is first
    path.write_text("1 + 1")
    assert load(str(path)) is not first


def test_changes_to_the_config_end_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deploy.py"
    path.write_text("from ropewalk import config\nconfig.SUDO = True\nconfig.OWN = 1\nassert config.SUDO\n")
    with use(current_config, Config(SUDO_USER="x")) as config:
        execute_file(str(path))
        assert (config.SUDO, config.SUDO_USER, hasattr(config, "OWN")) == (False, "x", False)


def test_what_the_inventory_has_imported_is_the_same_in_deploys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path,
        kept_k="class Kind:\n    pass\ndef load():\n    import later_k\n    return later_k.name",
        later_k="from ropewalk import host\nname = host.name",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with kept(str(tmp_path)) as modules:
        exec("import kept_k; import json", data := {})  # noqa: S102
    assert list(modules) == ["kept_k"]
    assert modules["kept_k"] is sys.modules["kept_k"] is data["kept_k"]
    names = []
    for host in ("a", "b"):
        with use(current_host, SimpleNamespace(name=host, runner=SimpleNamespace(catch_up=lambda: None))):  # type: ignore[arg-type]
            tree = Tree((str(tmp_path),), common=dict(modules))
            made = run(tmp_path, "from kept_k import Kind, load\nname = load()", tree)
        assert made["Kind"] is data["kept_k"].Kind
        names.append(made["name"])
    assert names == ["a", "b"]  # what a kept module imports when it is called is each host's own
    assert not any(type(finder).__name__ == "_Keeper" for finder in sys.meta_path)
