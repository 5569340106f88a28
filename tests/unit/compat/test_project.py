"""Code for pyinfra v3, unmodified, run as users run it: a project of several files, a connector package, a script."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).with_name("project")

FIRST = ["Corner 9-17 EUR", "new wares", "new wares again", "mon", "tue", "till", "paid", "noted",
         "swept with a besom", "HELLO"]  # fmt: skip
SECOND = ["Corner 9-17 EUR", "never", "mon", "tue", "till", "paid", "noted", "swept with a besom", "HELLO"]


def run(folder: Path, *argv: str, code: str | None = None, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Run ropewalk (or a script) in a folder; return exit status and output."""
    program = ["-c", code or "from ropewalk.cli.main import entry; entry()", *argv]
    done = subprocess.run(
        [sys.executable, "-X", "dev", *program], cwd=folder, env={**os.environ, **(env or {})},
        capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT, tmp_path / "project")
    return tmp_path / "project"


def test_a_project_of_v3_runs_as_it_is(project: Path) -> None:
    base = project.parent
    env = {"SHOP_BASE": str(base)}
    status, out, err = run(project, "-y", "-vvv", "inventory.py", "deploy.py", env=env)
    assert status == 0, err
    log = base / "log"
    assert log.read_text().splitlines() == FIRST
    assert json.loads((base / "stock.json").read_text()) == {"apples": 3}
    assert "4711" not in out + err
    for name in ("Open the shop | Fill the shelves", "tasks/cleanup.py | Sweep", "Heard", "Fail quietly"):
        assert name in err

    log.unlink()
    status, out, err = run(project, "-y", "--json", "inventory.py", "deploy.py", env=env)
    assert status == 0, err
    assert log.read_text().splitlines() == SECOND
    assert json.loads(out)["hosts"].keys() == {"@local"}
    assert "4711" not in out + err


def test_a_plan_changes_nothing(project: Path) -> None:
    status, _, err = run(project, "--dry", "inventory.py", "deploy.py", env={"SHOP_BASE": str(project.parent)})
    assert status == 0, err
    assert not (project.parent / "log").exists()
    assert not (project.parent / "stock.json").exists()


BOX = '''
import os

from pyinfra.api.exceptions import ConnectError, InventoryError
from pyinfra.connectors.base import BaseConnector, DataMeta
from pyinfra.connectors.local import LocalConnector
from pyinfra.connectors.util import extract_control_arguments, make_unix_command_for_host
from pyinfra.api.command import QuoteString, StringCommand


class BoxConnector(BaseConnector):
    """Boxes are directories; what runs in one has its name in the environment."""

    handles_execution = True
    data_meta = {"box_name": DataMeta("The name of the box")}

    def __init__(self, state, host):
        super().__init__(state, host)
        self.local = LocalConnector(state, host)

    @staticmethod
    def make_names_data(name=None):
        if not name:
            raise InventoryError("which box?")
        for box in name.split("+"):
            yield f"@box/{box}", {"box_name": box}, ["@box"]

    def connect(self):
        if not os.path.isdir(self.host.data.box_name):
            raise ConnectError(f"there is no box {self.host.data.box_name}")

    def disconnect(self):
        with open("closed", "a") as file:
            file.write(self.host.data.box_name + "\\n")

    def run_shell_command(self, command, print_output=False, print_input=False, **arguments):
        control = extract_control_arguments(arguments)
        inside = make_unix_command_for_host(self.state, self.host, command, **arguments)
        box = self.host.data.box_name
        line = StringCommand("cd", QuoteString(box), "&&", f"BOX={box}", "sh", "-c", QuoteString(inside))
        return self.local.run_shell_command(line, print_output, print_input, **control)

    def put_file(self, filename_or_io, remote_filename, remote_temp_filename=None, **arguments):
        return self.local.put_file(filename_or_io, remote_filename)

    def get_file(self, remote_filename, filename_or_io, remote_temp_filename=None, **arguments):
        return self.local.get_file(remote_filename, filename_or_io)
'''

BOX_DEPLOY = """
from io import StringIO

from pyinfra import host
from pyinfra.operations import files, python, server

server.shell(name="Say it", commands=["echo $BOX > said"], _env={"X": "it's"}, _chdir=".")
files.put(name="Put it", src=StringIO("content"), dest=f"{host.data.base}/put-{host.data.box_name}", mode="640")
python.call(name="Ask it", function=lambda: host.run_shell_command("test -e said"))
server.shell(name="Fail in one", commands=["test $BOX != two"])
"""


@pytest.fixture
def boxes(tmp_path: Path) -> dict[str, str]:
    """Install a package with a connector of v3 where only this test sees it."""
    site = tmp_path / "site"
    info = site / "box-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: box\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pyinfra.connectors]\nbox = box:BoxConnector\n")
    (site / "box.py").write_text(BOX)
    (tmp_path / "deploy.py").write_text(BOX_DEPLOY)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    return {"PYTHONPATH": str(site)}


def test_a_connector_package_of_v3_is_used_as_it_is(tmp_path: Path, boxes: dict[str, str]) -> None:
    data = f"base={tmp_path}"
    status, _, err = run(tmp_path, "-y", "--data", data, "@box/one+two", "deploy.py", env=boxes)
    assert status == 1, err
    assert [(tmp_path / box / "said").read_text() for box in ("one", "two")] == ["one\n", "two\n"]
    put = tmp_path / "put-one"
    assert (put.read_text(), put.stat().st_mode & 0o777) == ("content", 0o640)
    assert sorted((tmp_path / "closed").read_text().split()) == ["one", "two"]
    assert "test $BOX != two" in err


def test_a_connector_of_v3_says_what_is_missing(tmp_path: Path, boxes: dict[str, str]) -> None:
    status, _, err = run(tmp_path, "-y", "@box/three", "exec", "--", "true", env=boxes)
    assert status == 4, err
    assert "there is no box three" in err
    status, _, err = run(tmp_path, "-y", "@box", "exec", "--", "true", env=boxes)
    assert status == 2, err
    assert "which box?" in err


SCRIPT = """
from pyinfra.api import Config, Inventory, State
from pyinfra.api.connect import connect_all
from pyinfra.api.operation import add_op
from pyinfra.api.operations import run_ops
from pyinfra.operations import server

state = State(Inventory((["@local"], {})), Config())
connect_all(state)
results = add_op(state, server.shell, name="Hello", commands=["echo hello"])
run_ops(state)
print([result.stdout for result in results.values()], flush=True)
"""


def test_a_script_need_not_disconnect(tmp_path: Path) -> None:
    start = "import ropewalk.compat.names as n; n.offer()\n"
    assert run(tmp_path, code=start + SCRIPT) == (0, "['hello']\n", "")
