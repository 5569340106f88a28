"""Every operation and fact is explained: what the reference says is complete, and its examples are Python."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import surface

from ropewalk.cli.reference import Entry, modules
from ropewalk.cli.reference.markdown import anchor

TOOL = Path(__file__).parents[3] / "tools" / "gen_reference.py"
MODULES = {module.name: module for module in modules()}
OPERATIONS = [entry for module in MODULES.values() for entry in module.operations]
FACTS = [entry for module in MODULES.values() for entry in module.facts]
PUBLIC = [entry for entry in FACTS if entry.name in {fact.name for fact in surface.facts()}]
#: Where a format is described: a manual page, an RFC, an address, or a chapter of a manual in quotes.
SOURCE = re.compile(r"\w\(\d\w?\)|RFC \d+|https?://")


def name(entry: Entry) -> str:
    return entry.name


def test_there_is_something_to_look_at() -> None:
    assert (len(OPERATIONS), len(PUBLIC)) == (182, 194)
    assert [module.name for module in MODULES.values() if not module.doc.summary] == []


@pytest.mark.parametrize("entry", [*OPERATIONS, *FACTS], ids=name)
def test_what_it_is_and_what_it_takes(entry: Entry) -> None:
    assert entry.doc.summary.endswith((".", ":"))
    assert [parameter.name for parameter in entry.parameters if not parameter.text] == []
    assert set(entry.doc.parameters) <= {parameter.name.lstrip("*") for parameter in entry.parameters}


@pytest.mark.parametrize("entry", [entry for entry in OPERATIONS if not entry.name.startswith("postgresql.")], ids=name)
def test_operations_have_examples_that_call_them(entry: Entry) -> None:
    called = [
        ast.unparse(node.func)
        for example in entry.doc.examples
        for node in ast.walk(ast.parse(example))
        if isinstance(node, ast.Call)
    ]
    assert any(entry.name.endswith(call) for call in called)


def examples(entry: Entry) -> list[str]:
    """Return the examples of a fact's value: blocks, and the values within the text."""
    inline = re.findall(r"`([^`]+)`", " ".join(entry.doc.text))
    scalar = not re.search(r"dict|list|set\b|tuple|Dict|Any", entry.value)
    return [*entry.doc.examples, *(code for code in inline if code != "None" and (scalar or code[0] in "{[("))]


@pytest.mark.parametrize("entry", PUBLIC, ids=name)
def test_facts_have_examples(entry: Entry) -> None:
    assert entry.value not in ("", "Any")
    assert examples(entry)
    for example in examples(entry):
        if example[0] in "{[(" or "\n" in example:
            ast.parse(re.sub(r", \.\.\.(?=[]})])", "", example))


@pytest.mark.parametrize("entry", PUBLIC, ids=name)
def test_facts_say_where_their_format_is_described(entry: Entry) -> None:
    module = MODULES[entry.name.split(".")[0]]
    assert SOURCE.search("\n".join([*entry.doc.text, *module.doc.text]))


def test_the_pages(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(TOOL), str(tmp_path)], check=True, timeout=60, stdout=subprocess.DEVNULL)
    pages = {path.stem: path.read_text() for path in tmp_path.glob("*.md")}
    assert set(pages) == {*MODULES, "README"}
    for entry in [*OPERATIONS, *FACTS]:
        page = entry.name.split(".")[0]
        assert f"### {entry.name}\n" in pages[page]
        assert f"({page}.md#{anchor(entry)})" in pages["README"]


@pytest.mark.parametrize("entry", [*OPERATIONS, *FACTS], ids=name)
def test_the_import_that_is_shown_works(entry: Entry) -> None:
    scope: dict[str, object] = {}
    exec(entry.imported, scope)  # noqa: S102 - it is what the reader is told to write
    assert set(scope) - {"__builtins__"} <= {entry.name.partition(".")[0], entry.name.rpartition(".")[2]}
