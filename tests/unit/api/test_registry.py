"""Connectors of other packages that are not what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ropewalk.api import registry
from ropewalk.api.inventory import Inventory
from ropewalk.model.errors import InventoryError, NoConnectorError


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a package whose entry points lead to one thing that is there, and two that are not."""
    about = tmp_path / "oddities-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: oddities\nVersion: 1.0\n")
    lines = ["[ropewalk.connectors]", "thing = oddities_of_a_test:Thing", "gone = no_such_module_at_all:Thing"]
    (about / "entry_points.txt").write_text("\n".join([*lines, "less = oddities_of_a_test:NoSuchName", ""]))
    (tmp_path / "oddities_of_a_test.py").write_text("class Thing: ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for cached in (registry.get_connector, registry._others):
        cached.cache_clear()
    yield
    for cached in (registry.get_connector, registry._others):
        cached.cache_clear()


def test_what_is_no_connector_is_told() -> None:
    with pytest.raises(InventoryError, match="is not a connector") as caught:
        Inventory((["@thing/x"], {}))
    assert "targets" in str(caught.value.hint)


@pytest.mark.parametrize(("name", "says"), [("gone", "no_such_module_at_all"), ("less", "NoSuchName")])
def test_what_is_not_there_is_told(name: str, says: str) -> None:
    with pytest.raises(NoConnectorError, match=f"@{name} cannot be imported: .*{says}"):
        Inventory(([f"@{name}/x"], {}))
