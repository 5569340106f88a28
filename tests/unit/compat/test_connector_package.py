"""A connector of somebody else's package, written for pyinfra v3 and found by its entry point."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from support.e2e_run import PROGRAM, Running
from support.e2e_terminal import Terminal

CONNECTOR = '''
import os
import shutil
import subprocess

from pyinfra.api.exceptions import ConnectError
from pyinfra.connectors.base import BaseConnector, ConnectorData, DataMeta
from pyinfra.connectors.util import extract_control_arguments, make_unix_command_for_host, run_local_process


class CrateData(ConnectorData):
    crate_dir: str


class CrateConnector(BaseConnector):
    """A directory of this machine."""

    handles_execution = True
    data_cls = CrateData
    data_meta = {"crate_dir": DataMeta("Where the crate is")}

    @staticmethod
    def make_names_data(name):
        if not name:
            raise ConnectError("no crate")
        yield f"@crate/{name}", {"crate_dir": os.path.abspath(name)}, ["@crate"]

    def connect(self):
        if not os.path.isdir(self.data["crate_dir"]):
            raise ConnectError("there is no such crate")

    def run_shell_command(self, command, print_output=False, print_input=False, **arguments):
        control = extract_control_arguments(arguments)
        line = make_unix_command_for_host(self.state, self.host, command, **arguments)
        status, output = run_local_process(
            f"cd '{self.data['crate_dir']}' && {line.get_raw_value()}",
            stdin=control.get("_stdin"), timeout=control.get("_timeout"),
        )
        return status == 0, output

    def put_file(self, filename_or_io, remote_filename, remote_temp_filename=None, print_output=False,
                 print_input=False, **arguments):
        shutil.copyfile(filename_or_io, remote_filename)
        return True

    def get_file(self, remote_filename, filename_or_io, remote_temp_filename=None, print_output=False,
                 print_input=False, **arguments):
        shutil.copyfile(remote_filename, filename_or_io)
        return True

    def check_can_rsync(self):
        if not os.path.isdir(self.data["crate_dir"]):
            raise NotImplementedError("no crate, no rsync")

    def rsync(self, src, dest, flags, print_output=False, print_input=False, **arguments):
        target = os.path.join(self.data["crate_dir"], dest)
        return subprocess.run(["rsync", *flags, src, target], check=False).returncode == 0
'''

SUDO = """#!/bin/sh
ask=
while :; do case $1 in
  -H|-k) shift;; -n) shift;; -S) ask=1; shift;; -p|-u) shift 2;; *) break;;
esac; done
if [ -n "$ask" ]; then IFS= read -r pw; [ "$pw" = pa55 ] || { echo wrong >&2; exit 1; }
else echo 'sudo: a password is required' >&2; exit 1; fi
AS=root exec "$@"
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Install the package, and a sudo that wants a password."""
    site, programs = tmp_path / "site", tmp_path / "programs"
    (site / "crates-1.0.dist-info").mkdir(parents=True)
    (site / "crates-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: crates\nVersion: 1.0\n")
    (site / "crates-1.0.dist-info/entry_points.txt").write_text("[pyinfra.connectors]\ncrate = crates:CrateConnector\n")
    (site / "crates.py").write_text(CONNECTOR)
    programs.mkdir()
    (programs / "sudo").write_text(SUDO)
    (programs / "sudo").chmod(0o755)
    (tmp_path / "one").mkdir()
    path = [entry for entry in (str(site), os.environ.get("PYTHONPATH")) if entry]
    return {"PYTHONPATH": os.pathsep.join(path), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def _start(tmp_path: Path, deploy: str, environment: dict[str, str], terminal: Terminal) -> Running:
    (tmp_path / "deploy.py").write_text(f"from pyinfra.operations import files, server\n{deploy}\n")
    return Running(
        ["-y", "--json", "@crate/one", "deploy.py"], cwd=tmp_path, environment=environment,
        program=[*Terminal.login, *PROGRAM], terminal=terminal.descriptor,
    )  # fmt: skip


def test_a_sudo_password_is_asked_for_once(tmp_path: Path, environment: dict[str, str]) -> None:
    deploy = """
server.shell(name="free", commands=["echo $AS > free"])
server.shell(name="asks", commands=["echo $AS > asks", "echo $AS > again"], _sudo=True)
files.put(name="put", src="deploy.py", dest="{}/put", _sudo=True)
""".format(tmp_path / "one")
    with Terminal() as terminal, _start(tmp_path, deploy, environment, terminal) as running:
        terminal.shows("sudo password:")
        terminal.write("pa55\n")
        ended = running.wait().must(0)
    assert terminal.shown.count("sudo password:") == 1
    assert "pa55" not in ended.stdout + ended.stderr
    made = {path.name: path.read_text() for path in (tmp_path / "one").iterdir() if path.name != "put"}
    assert made == {"free": "\n", "asks": "root\n", "again": "root\n"}
    assert (tmp_path / "one/put").read_text() == (tmp_path / "deploy.py").read_text()


def test_a_command_that_says_what_sudo_says_is_not_run_again(tmp_path: Path, environment: dict[str, str]) -> None:
    deploy = """server.shell(commands=["echo x >> ran; echo 'sudo: a password is required' >&2; exit 1"], _sudo=True,
    _sudo_password="pa55")"""
    with Terminal() as terminal, _start(tmp_path, deploy, environment, terminal) as running:
        running.wait().must(1)
    assert (tmp_path / "one/ran").read_text() == "x\n"


@pytest.mark.skipif(shutil.which("rsync") is None, reason="needs rsync")
def test_rsync_is_the_connectors_own(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/file").write_text("content")
    deploy = 'files.rsync(name="rsync", src="tree/", dest="there", flags=["-a"])'
    with Terminal() as terminal, _start(tmp_path, deploy, environment, terminal) as running:
        running.wait().must(0)
    assert (tmp_path / "one/there/file").read_text() == "content"


def test_rsync_where_the_connector_has_none(tmp_path: Path, environment: dict[str, str]) -> None:
    crates = tmp_path / "site/crates.py"
    crates.write_text(crates.read_text().replace('if not os.path.isdir(self.data["crate_dir"]):\n            raise Not',
                                                 "if True:\n            raise Not"))  # fmt: skip
    deploy = 'files.rsync(name="rsync", src="deploy.py", dest="there")'
    with Terminal() as terminal, _start(tmp_path, deploy, environment, terminal) as running:
        document = running.wait().must(1).document
    failure = document["operations"][0]["hosts"]["@crate/one"]["failure"]
    assert "no crate, no rsync" in failure["message"]
    assert failure["hint"] == "use files.sync"
