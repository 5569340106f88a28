"""The contract as authors of connectors run it: from their own package, with a test file of a few lines."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.pages import ROOT, blocks

CONNECTORS = ROOT / "docs" / "connectors.md"
TESTING = ROOT / "docs" / "testing.md"

V3_CONNECTOR = '''
import shutil
from io import IOBase

from pyinfra.connectors.base import BaseConnector, ConnectorData, DataMeta
from pyinfra.connectors.util import extract_control_arguments, make_unix_command_for_host, run_local_process


class ShedData(ConnectorData):
    shed_name: str
    shed_color: str


class ShedConnector(BaseConnector):
    """This machine, under another name."""

    handles_execution = True
    data_cls = ShedData
    data_meta = {"shed_name": DataMeta("What it is called"), "shed_color": DataMeta("Its color", "red")}
    connected = False

    @staticmethod
    def make_names_data(name):
        yield f"@shed/{name}", {"shed_name": name}, ["@shed"]

    def connect(self):
        assert (self.data["shed_name"], self.data["shed_color"]) == ("back", "green")
        self.connected = True

    def disconnect(self):
        self.connected = False

    def run_shell_command(self, command, print_output=False, print_input=False, **arguments):
        assert self.connected
        control = extract_control_arguments(arguments)
        line = make_unix_command_for_host(self.state, self.host, command, **arguments)
        status, output = run_local_process(
            line.get_raw_value(), stdin=control.get("_stdin"), timeout=control.get("_timeout"),
        )
        return status == 0, output

    def put_file(self, filename_or_io, remote_filename, remote_temp_filename=None, print_output=False,
                 print_input=False, **arguments):
        if isinstance(filename_or_io, str):
            shutil.copyfile(filename_or_io, remote_filename)
        else:
            with open(remote_filename, "wb") as file:
                file.write(filename_or_io.read())
        return True

    def get_file(self, remote_filename, filename_or_io, remote_temp_filename=None, print_output=False,
                 print_input=False, **arguments):
        line = make_unix_command_for_host(self.state, self.host, "cat -- " + remote_filename, **arguments)
        with open(remote_filename, "rb") as source, open(filename_or_io, "wb") as target:
            shutil.copyfileobj(source, target)
        return True
'''
V3_TEST = """
import pytest
from ropewalk.testing.connector_contract import V3ConnectorContract


class TestShed(V3ConnectorContract):
    @pytest.fixture
    def address(self):
        return "@shed/back"

    @pytest.fixture
    def host_data(self):
        return {"shed_color": "green"}
"""


class Package:
    """A package of somebody else that is installed into a directory, with the tests beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = folder / "site"
        self.site.mkdir()

    def install(self, name: str, source: str, entry_points: str) -> None:
        """Put it where Python finds it, as pip would."""
        (self.site / f"{name}.py").write_text(source)
        about = self.site / f"{name}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(
            entry_points.replace("[project.entry-points.", "[").replace('"]', "]").replace('"', "")
        )

    def install_with_pip(self, name: str, source: str, entry_points: str) -> None:
        """Have pip install it, as its users do, but into a directory of the test's."""
        project = self.folder / "project"
        project.mkdir()
        (project / f"{name}.py").write_text(source)
        build = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        about = f'[project]\nname = "{name}"\nversion = "1.0"\n'
        files = f'[tool.hatch.build.targets.wheel]\ninclude = ["{name}.py"]\n'
        (project / "pyproject.toml").write_text("\n".join([build, about, entry_points, files]))
        words = ["install", "-q", "--no-deps", "--target", str(self.site), str(project)]
        done = subprocess.run(
            [sys.executable, "-m", "pip", *words, "--disable-pip-version-check"], capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"pip can install nothing here: {done.stderr.strip().splitlines()[-1]}")

    def test(self, text: str, *words: str) -> tuple[dict[str, int], str]:
        """Run a test file; return how many tests ended how, and what pytest said."""
        (self.folder / "test_it.py").write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-rf", "-p", "no:cacheprovider", *words, "test_it.py"],
            cwd=self.folder, env=self._environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        counts = re.findall(r"(\d+) (passed|failed|skipped|error)", done.stdout.splitlines()[-1] if done.stdout else "")
        return {what: int(number) for number, what in counts}, done.stdout + done.stderr

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder),
            "LANG": "C.UTF-8", "PYTHONPATH": str(self.site),
        }  # fmt: skip


@pytest.fixture
def package(tmp_path: Path) -> Package:
    return Package(tmp_path)


def _sandbox() -> tuple[str, str, str]:
    """Return the connector of the docs, its entry point, and the tests that the docs have for it."""
    [connector] = [block.text for block in blocks(CONNECTORS) if block.file == "sandbox.py"]
    [entry_point] = [block.text for block in blocks(CONNECTORS) if block.language == "toml"]
    [tests] = [block.text for block in blocks(TESTING) if block.file == "test_sandbox.py"]
    return connector, entry_point, tests


def test_a_connector_of_another_package_passes(package: Package) -> None:
    connector, entry_point, tests = _sandbox()
    package.install_with_pip("sandbox", connector, entry_point)
    counts, said = package.test(tests)
    assert counts.get("failed", 0) + counts.get("error", 0) == 0, said
    assert counts["passed"] > 55, said


FAULTS = {
    "arguments are joined": ("*argv]", "'sh', '-c', ' '.join(argv)]", "arguments_arrive_exactly"),
    "the status is lost": ("return await spawn(", "argv = ['sh', '-c', '\"$@\"; exit 0', 'sh', *argv]\n"
                           "        return await spawn(", "status_is_the_processs_own"),
    "errors come with the output": ("return await spawn(", "argv = ['sh', '-c', 'exec \"$@\" 2>&1', 'sh', *argv]\n"
                                    "        return await spawn(", "bytes_travel_both_ways"),
    "no terminal": ("pty=pty)", "pty=False)", "a_terminal"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_connector_with_a_fault_does_not_pass(package: Package, fault: str) -> None:
    connector, entry_point, tests = _sandbox()
    good, bad, test = FAULTS[fault]
    assert good in connector
    package.install("sandbox", connector.replace(good, bad), entry_point)
    counts, said = package.test(tests, "-k", test)
    assert counts.get("failed", 0) > 0, said


def test_a_connector_written_for_v3_passes(package: Package) -> None:
    package.install("shed", V3_CONNECTOR, '[project.entry-points."pyinfra.connectors"]\nshed = "shed:ShedConnector"\n')
    counts, said = package.test(V3_TEST)
    assert counts.get("failed", 0) + counts.get("error", 0) == 0, said
    assert counts["passed"] > 18, said


def test_who_forgets_the_address_is_told(package: Package) -> None:
    package.site.mkdir(exist_ok=True)
    text = "from ropewalk.testing.connector_contract import ConnectorContract\n\nclass TestIt(ConnectorContract): ...\n"
    counts, said = package.test(text, "-k", "protocol")
    assert counts == {"error": 1}
    assert "override the fixture address" in said
