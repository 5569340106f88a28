"""The shape of the source: who may import whom, where third-party libraries live, and how long things may be."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "src" / "ropewalk"

#: What each package may import besides itself. A new package needs a line here, which is a decision.
MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "shell": {"model"},
    "api": {"model", "shell"},
    "facts": {"model", "shell", "api"},
    "operations": {"model", "shell", "api", "facts"},
    "connectors": {"model", "shell", "api"},
    "inventories": {"model", "shell", "api"},
    "engine": {"model", "shell", "api"},
    "report": {"model"},
    "history": {"model"},
}
#: These put everything together.
ANYTHING = {"testing", "compat", "cli"}

#: Where each third-party library may be imported: files or folders.
HOMES: dict[str, set[str]] = {
    "asyncssh": {"connectors/ssh/"},
    "click": {"cli/"},
    "greenlet": {"engine/bridge.py"},
    "jinja2": {"operations/files/templates.py", "inventories/ansible/templates.py"},
    "opentelemetry": {"report/otel.py", "report/otel_spans.py"},
    "packaging": {"api/requirements.py", "api/python_requirements.py"},
    "pytest": {"testing/connector_contract/"},  # no dependency: who runs these tests has it
    "rich": {"cli/", "report/"},
    "yaml": {"inventories/yaml_text.py"},
}

LONGEST_FILE = 500
LONGEST_FUNCTION = 60

FILES = sorted(ROOT.rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def package_of(path: Path) -> str:
    """Return the layer a file is in; ``""`` for the modules at the top."""
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else ""


def imports(path: Path, tree: ast.Module) -> Iterator[str]:
    """Yield the full names of what a module imports, also inside functions."""
    parts = ["ropewalk", *path.relative_to(ROOT).with_suffix("").parts]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(parts[: len(parts) - node.level]) if node.level else ""
            base = ".".join(filter(None, (package, node.module)))
            yield base
            if base == "ropewalk":  # `from ropewalk import engine` is an import of engine
                yield from (f"ropewalk.{alias.name}" for alias in node.names)


TREES = {path: ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in FILES}
IMPORTS = {path: list(imports(path, tree)) for path, tree in TREES.items()}


def test_the_scan_finds_what_it_looks_for() -> None:
    """A search that looks in the wrong place would pass every test below."""
    assert len(FILES) > 150
    assert sum(len(names) for names in IMPORTS.values()) > 1000
    found = {
        (package_of(path), name.split(".")[1]) for path in FILES for name in IMPORTS[path] if name[:9] == "ropewalk."
    }
    assert {("engine", "api"), ("engine", "shell"), ("operations", "facts"), ("cli", "engine")} <= found


def test_imports_are_read_as_python_reads_them() -> None:
    tree = ast.parse(
        "import ropewalk.cli.main\nfrom ropewalk import engine\nfrom . import run\nfrom ..model import event\n"
    )
    assert list(imports(ROOT / "engine" / "run.py", tree)) == [
        "ropewalk.cli.main", "ropewalk", "ropewalk.engine", "ropewalk.engine", "ropewalk.model",
    ]  # fmt: skip


def test_every_package_has_its_place() -> None:
    packages = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert packages == set(MAY_IMPORT) | ANYTHING


def test_imports_point_down() -> None:
    wrong = []
    for path in FILES:
        layer = package_of(path)
        if layer in ANYTHING or not layer:
            continue
        for name in IMPORTS[path]:
            parts = name.split(".")
            ours = parts[0] == "ropewalk" and len(parts) > 1 and (ROOT / parts[1]).is_dir()
            if ours and parts[1] not in {layer, *MAY_IMPORT[layer]}:
                wrong.append(f"{relative(path)} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_imported_at_home_only(library: str) -> None:
    users = {relative(path) for path in FILES if any(name.split(".")[0] == library for name in IMPORTS[path])}
    assert users, f"nothing imports {library}: is it still a dependency?"
    assert {user for user in users if not user.startswith(tuple(HOMES[library]))} == set()


def test_files_are_short() -> None:
    long = {relative(path): count for path in FILES if (count := len(path.read_text().splitlines())) > LONGEST_FILE}
    assert long == {}


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines from the first statement after the docstring to the end."""
    body = function.body[1:] if ast.get_docstring(function) is not None and len(function.body) > 1 else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1


def test_functions_are_short() -> None:
    sizes = {
        f"{relative(path)}:{function.lineno} {function.name}": body_lines(function)
        for path, tree in TREES.items()
        for function in functions(tree)
    }
    assert len(sizes) > 800
    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}


def refuses(node: ast.AST) -> bool:
    """``NotImplementedError``; v3's connectors answer with it by contract, nobody else does."""
    return isinstance(node, ast.Name) and node.id == "NotImplementedError"


def test_nothing_is_left_for_later() -> None:
    """No ``assert`` as a check (``python -O`` drops it) but in tests that are shipped, nothing unfinished."""
    found = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assert) and not relative(path).startswith("testing/connector_contract/"):
                found.append(f"{relative(path)}:{node.lineno}: assert")
            elif refuses(node) and not relative(path).startswith("compat/pyinfra/connectors/"):
                found.append(f"{relative(path)}:{node.lineno}: NotImplementedError")
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
                found.append(f"{relative(path)}:{number}: {line.strip()}")
    assert found == []


def is_one_operation(path: Path, tree: ast.Module) -> bool:
    """Say whether a module holds one operation, whose docstring is the module's too."""
    operations = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list]
    return package_of(path) == "operations" and len(operations) == 1 and ast.get_docstring(operations[0]) is not None


def test_every_module_says_what_it_is() -> None:
    silent = [
        relative(path)
        for path, tree in TREES.items()
        if tree.body and ast.get_docstring(tree) is None and not is_one_operation(path, tree)
    ]
    assert silent == []
