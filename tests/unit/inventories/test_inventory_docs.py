"""The pages on inventories and config: their examples work, and they list every setting with its default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ropewalk.api.config import Config
from ropewalk.inventories import load_config, load_inventory

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def example(write):
    """Write the files that a page shows."""

    def example(page):
        blocks = re.findall(r"```python\n# file: (\S+)\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
        for name, text in blocks:
            write(name, text)
        return [name for name, _ in blocks]

    return example


def test_the_inventory_of_the_page(example, write):
    assert len(example("inventory.md")) == 5
    inventory = load_inventory("inventory.py", cwd=write.cwd)
    assert [host.name for host in inventory] == ["web1.example.com", "web2.example.com", "db1.example.com"]
    assert inventory.get_host("web1.example.com").data.databases == ["db1.example.com"]
    assert inventory.get_host("db1.example.com").data.dict() == {
        "engine": "postgresql", "version": "17", "backup_dir": "/var/backups/postgresql",
    }  # fmt: skip
    assert len(load_inventory("cloud:hosts", cwd=write.cwd)) == 3
    exec((write.cwd / "own.py").read_text(), {})  # noqa: S102


def test_the_configs_of_the_page(example, write):
    assert example("config.md") == ["config.py", "requirements_config.py"]
    assert load_config("config.py", True, write.cwd).ENV == {"LANG": "C.UTF-8"}
    assert load_config("requirements_config.py", True, write.cwd).REQUIRE_PYINFRA_VERSION == ">=3,<4"


def test_every_setting_is_on_the_page_with_its_default():
    rows = re.findall(r"^\| `([A-Z_]+)` \| `(.+?)` \| ", (DOCS / "config.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted((key, repr(getattr(Config, key))) for key in Config.known())
