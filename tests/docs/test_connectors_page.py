"""The connector that the page shows works, once a package brings it along."""

from __future__ import annotations

from pathlib import Path

from support.pages import ROOT, blocks, carry_out

PAGE = ROOT / "docs" / "connectors.md"


def test_the_connector_of_the_page(tmp_path: Path) -> None:
    (entry_point,) = [block.text for block in blocks(PAGE) if block.language == "toml"]
    installed = tmp_path / "sandbox-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: sandbox\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(
        entry_point.replace('[project.entry-points."ropewalk.connectors"]', "[ropewalk.connectors]").replace('"', "")
    )
    assert len(carry_out(PAGE, tmp_path, PYTHONPATH=str(tmp_path))) == 4
