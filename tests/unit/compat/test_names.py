"""``import pyinfra`` finds ropewalk: the same modules, whatever the way they are imported."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ropewalk.compat import names
from ropewalk.model.errors import UsageError

NAMES = Path(__file__).with_name("names.txt")


@pytest.fixture(autouse=True)
def finder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer the names, also where the package was installed without its start-up file."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    names.offer()


def python(code: str, *, folder: Path, env: dict[str, str] | None = None) -> str:
    """Run code in a new interpreter, from a folder; returns what it printed."""
    start = "import ropewalk.compat.names; ropewalk.compat.names.offer()\n"
    done = subprocess.run(
        [sys.executable, "-c", start + code], cwd=folder, env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("alias", "target"),
    [
        ("pyinfra.operations", "ropewalk.operations"),
        ("pyinfra.operations.server", "ropewalk.operations.server"),
        ("pyinfra.facts", "ropewalk.facts"),
        ("pyinfra.facts.dnf", "ropewalk.facts.dnf"),
        ("pyinfra.facts.util.packaging", "ropewalk.compat.pyinfra.facts.util.packaging"),
        ("pyinfra.connectors.local", "ropewalk.compat.pyinfra.connectors.local"),
        ("pyinfra.connectors.process", "ropewalk.connectors.process"),
        ("pyinfra.operations.util", "ropewalk.compat.pyinfra.operations.util"),
        ("pyinfra.api.operation", "ropewalk.compat.pyinfra.api.operation"),
        ("pyinfra", "ropewalk.compat.pyinfra"),
    ],
)
def test_an_alias_is_the_module_itself(alias: str, target: str) -> None:
    assert importlib.import_module(alias) is importlib.import_module(target)
    assert names.place_of("pyinfra.facts.files") == "ropewalk.facts.files"


def test_a_name_that_is_not_pyinfras_has_no_place() -> None:
    with pytest.raises(ValueError, match="not a module of pyinfra"):
        names.place_of("pyinfras.api")


def listed() -> list[tuple[str, str]]:
    pairs = []
    for line in NAMES.read_text().splitlines():
        module, _, found = line.partition(":")
        pairs += [(module, name) for name in found.split()]
    return pairs


def test_the_list_of_names_is_read() -> None:
    assert len(listed()) > 150


@pytest.mark.parametrize(("module", "name"), listed())
def test_every_listed_name_is_there(module: str, name: str) -> None:
    assert getattr(importlib.import_module(module), name, None) is not None


def test_importing_a_submodule_leaves_the_decorator_of_the_same_name_alone(tmp_path: Path) -> None:
    code = """
from pyinfra.api import operation, deploy
from pyinfra.api.operation import add_op
from pyinfra.api.deploy import add_deploy
import pyinfra.api.operation, pyinfra.api.deploy
from pyinfra import api
print(api.operation is operation, api.deploy is deploy, callable(api.operation))
"""
    assert python(code, folder=tmp_path) == "True True True"
    turned = "from pyinfra.api.operation import add_op\n" + code
    assert python(turned, folder=tmp_path) == "True True True"


def test_ways_to_import(tmp_path: Path) -> None:
    code = """
import pyinfra.operations as o
from pyinfra import facts, local, logger, host, state, config, inventory, context, operations
from pyinfra.operations import server, util
import pyinfra.operations.server as same
import pyinfra
assert operations is o and server is same is o.server is pyinfra.operations.server
assert util.any_changed and pyinfra.api.StringCommand and pyinfra.facts is facts
assert pyinfra.is_cli is False and pyinfra.__version__ == pyinfra.version.__version__ == "3.10.0"
import ropewalk
assert host is ropewalk.host and pyinfra.context.host is host
print("ok")
"""
    assert python(code, folder=tmp_path) == "ok"


def test_reload_keeps_the_modules() -> None:
    import pyinfra
    import pyinfra.api
    from pyinfra.operations import server

    before = pyinfra.api.operation
    assert importlib.reload(pyinfra) is sys.modules["pyinfra"]
    assert importlib.reload(pyinfra.api) is sys.modules["pyinfra.api"]
    assert pyinfra.api.operation is before
    assert importlib.reload(server) is sys.modules["pyinfra.operations.server"]


def test_modules_can_be_inspected() -> None:
    from pyinfra.api import exceptions
    from pyinfra.operations import server

    assert (inspect.getsourcefile(server) or "").endswith("operations/server/__init__.py")
    assert "PyinfraError" in inspect.getsource(exceptions)
    spec = importlib.util.find_spec("pyinfra.operations")
    assert spec is not None
    assert spec.submodule_search_locations is not None


def test_the_code_of_an_alias_can_be_run() -> None:
    spec = names._finder.find_spec("pyinfra")
    assert spec is not None
    loader = spec.loader
    assert isinstance(loader, names.AliasLoader)
    assert loader.is_package("pyinfra")
    assert loader.get_code("pyinfra") is not None
    assert "What ``import pyinfra`` gives" in (loader.get_source("pyinfra") or "")


@pytest.mark.parametrize("name", ["pyinfra.operations.nosuch", "pyinfra.nosuch.deeper"])
def test_what_is_missing_is_named_as_it_was_asked_for(name: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'pyinfra\.(operations\.)?nosuch'"):
        importlib.import_module(name)


def test_importing_operations_loads_no_other_operations(tmp_path: Path) -> None:
    code = """
import sys
from pyinfra.operations import server
loaded = {name.split(".")[2] for name in sys.modules if name.startswith("ropewalk.operations.")}
others = sorted(loaded & {"apt", "docker", "files", "git", "systemd"})
print("server" in loaded, others, "asyncio" in sys.modules, "asyncssh" in sys.modules, "click" in sys.modules)
"""
    assert python(code, folder=tmp_path) == "True [] False False False"


def test_the_start_of_every_interpreter_loads_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys; print(sorted(m for m in sys.modules if m.split('.')[0] in ('ropewalk', 'typing', 're')))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\nimport ropewalk.compat.names\n{code}"],
        capture_output=True, text=True, check=True, timeout=60, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.strip() == "['ropewalk', 'ropewalk.compat', 'ropewalk.compat.names']"


# -- beside pyinfra itself, and beside things of the same name --------------------------------------------------


@pytest.fixture
def other_pyinfra(tmp_path: Path) -> Path:
    """A folder with a package that stands for pyinfra itself."""
    package = tmp_path / "site" / "pyinfra"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("real = True\n")
    (package / "facts.py").write_text("")
    return tmp_path / "site"


def test_an_installed_pyinfra_wins_while_names_are_only_offered(other_pyinfra: Path) -> None:
    code = """
import pyinfra, pyinfra.facts
print(pyinfra.real)
try:
    import pyinfra.operations
except ImportError:
    print("no mixture")
"""
    assert python(code, folder=other_pyinfra) == "True\nno mixture"


def test_ropewalk_wins_once_it_is_active(other_pyinfra: Path) -> None:
    code = """
from ropewalk.compat import names
names.activate()
import pyinfra
from pyinfra.operations import server
print(pyinfra.__name__, server.__name__, pyinfra.is_cli)
"""
    assert python(code, folder=other_pyinfra) == "ropewalk.compat.pyinfra ropewalk.operations.server True"


def test_activating_after_pyinfra_itself_was_imported_is_an_error(other_pyinfra: Path) -> None:
    code = """
import pyinfra
from ropewalk.compat import names
from ropewalk.model.errors import UsageError
try:
    names.activate()
except UsageError as error:
    print("site/pyinfra" in str(error), error.hint is not None, names.is_active())
"""
    assert python(code, folder=other_pyinfra) == "True True False"


def test_activating_twice_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import pyinfra

    monkeypatch.setattr(names._finder, "active", False)
    names.activate()
    names.activate()
    assert sys.meta_path.count(names._finder) == 1
    assert sys.meta_path[0] is names._finder
    assert names.is_active()
    assert names.is_ours(pyinfra)


def test_a_foreign_module_in_its_place_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names._finder, "active", False)
    monkeypatch.setitem(sys.modules, "pyinfra", sys.modules["pathlib"])
    with pytest.raises(UsageError, match="pyinfra itself has been imported"):
        names.activate()


def test_a_folder_called_pyinfra_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyinfra" / "operations").mkdir(parents=True)
    assert python("import pyinfra.operations; print(pyinfra.__name__)", folder=tmp_path) == "ropewalk.compat.pyinfra"


def test_programs_that_start_the_command_line_find_it(tmp_path: Path) -> None:
    (tmp_path / "deploy.py").write_text("from pyinfra.operations import server\nserver.shell('echo done > done')\n")
    code = "import sys; from pyinfra_cli.main import main; sys.argv = ['pyinfra', '-y', '@local', 'deploy.py']; main()"
    python(code, folder=tmp_path)
    assert (tmp_path / "done").read_text() == "done\n"
    assert python("import pyinfra_cli.__main__ as m, pyinfra_cli.main as n; print(m.main is n.main)", folder=tmp_path)
    with pytest.raises(AssertionError, match="No module named"):
        python("import pyinfra_cli.prints", folder=tmp_path)


def test_values_are_encoded_as_the_command_line_does() -> None:
    from pyinfra_cli.util import json_encode

    assert (
        json.dumps({"groups": {"b", "a"}, "at": Path("/x")}, default=json_encode)
        == '{"groups": ["a", "b"], "at": "/x"}'
    )
