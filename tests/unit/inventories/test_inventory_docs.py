"""The pages on inventories and config: their examples work, and they list every setting with its default."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ropewalk.api.config import Config
from ropewalk.inventories import load_config, load_inventory
from ropewalk.inventories.ansible.connection import CONNECTORS

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


def test_the_documents_of_the_page_say_the_same(write):
    text = (DOCS / "inventory.md").read_text()
    blocks = re.findall(r"```(?:yaml|toml)\n# file: (\S+)\n(.*?)```", text, re.DOTALL)
    assert [name for name, _ in blocks] == ["inventory.yaml", "inventory.toml"]
    found = []
    for name, said in blocks:
        write(name, said)
        inventory = load_inventory(name, cwd=write.cwd)
        found.append({host.name: (host.data.dict(), host.groups) for host in inventory})
    assert found[0] == found[1]
    web1 = {"ntp": "ntp.example.com", "http_port": 8080, "tls": True, "place": "here"}
    assert found[0]["web1.example.com"] == (web1, ["all", "site", "web", "inventory"])


def test_the_blame_of_the_page(example, write):
    example("inventory.md")
    said = re.search(r"```console\n\$ ropewalk (.*--blame.*)\n((?:.*\n)+?)```", (DOCS / "inventory.md").read_text())
    shutil.rmtree(write.cwd / "group_data")
    command = [sys.executable, "-m", "ropewalk", *said[1].split()]
    done = subprocess.run(command, cwd=write.cwd, capture_output=True, text=True, check=True)
    assert done.stdout == said[2]


def test_every_connection_the_page_names_has_a_connector():
    row = re.search(r"\| `ansible_connection` \| the connector: (.*?);", (DOCS / "inventory.md").read_text())[1]
    assert set(re.findall(r"`(\w+)`", row)) == set(CONNECTORS.values())


def test_the_configs_of_the_page(example, write):
    assert example("config.md") == ["config.py", "requirements_config.py"]
    assert load_config("config.py", True, write.cwd).ENV == {"LANG": "C.UTF-8"}
    assert load_config("requirements_config.py", True, write.cwd).REQUIRE_PYINFRA_VERSION == ">=3,<4"


def test_every_setting_is_on_the_page_with_its_default():
    rows = re.findall(r"^\| `([A-Z_]+)` \| `(.+?)` \| ", (DOCS / "config.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted((key, repr(getattr(Config, key))) for key in Config.known())
