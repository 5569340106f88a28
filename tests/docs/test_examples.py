"""The examples do what they say."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support import sshd
from support.pages import ROOT, run

EXAMPLES = ROOT / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/deploy.py"))


@pytest.fixture
def example(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy of the example that the test's mark names."""
    name = request.node.get_closest_marker("example").args[0]
    return Path(shutil.copytree(EXAMPLES / name, tmp_path / name))


def test_every_example_is_on_the_page() -> None:
    assert len(NAMES) >= 5
    page = (EXAMPLES / "README.md").read_text()
    assert re.findall(r"\]\((\S+)/deploy\.py\)", page) == sorted(NAMES, key=page.index)


@pytest.mark.example("quickstart")
def test_quickstart(example: Path) -> None:
    first = run("ropewalk @local deploy.py -y", example)
    assert first[-1].startswith("Done: 1 host ok; 4 operations changed something")
    assert "workers = 4" in (example / "app" / "settings.ini").read_text()
    assert run("ropewalk @local deploy.py -y", example)[-1].startswith("Done: 1 host ok; nothing changed")
    assert len((example / "app" / "reloads.log").read_text().splitlines()) == 1


@pytest.mark.example("tested")
def test_the_tests_of_an_example(example: Path) -> None:
    assert run("pytest -q -p no:cacheprovider", example)[-1].startswith("5 passed")
    written = run("ropewalk @fake/web[1:20] deploy.py -y", example)
    assert written[-1].startswith("Done: 20 hosts ok; 80 operations changed something"), written


@pytest.mark.example("pyinfra-v3")
def test_v3(example: Path) -> None:
    written = run("ropewalk inventory.py deploy.py -y", example)
    assert written[-1].startswith("Done: 1 host ok; 4 operations changed something")
    assert any("the config has" in line for line in written)
    assert "workers = 2" in (example / "app" / "app.conf").read_text()
    assert (example / "app" / "app.log").read_text() == "reloaded\n"
    assert run("ropewalk inventory.py deploy.py -y", example)[-1].startswith("Done: 1 host ok; 1 operation changed")


@pytest.mark.root
@pytest.mark.parametrize(
    "shown",
    [
        pytest.param("Install nginx", marks=pytest.mark.example("web-server")),
        pytest.param("Let ada log in", marks=pytest.mark.example("users")),
    ],
)
def test_plans_for_this_machine(example: Path, shown: str) -> None:
    missing = [program for program in ("apt-get", "sudo") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    inventory = example / "inventory.py"
    inventory.write_text(re.sub(r"\[.*\]", '["@local"]', inventory.read_text(), flags=re.DOTALL))
    written = run("ropewalk inventory.py deploy.py --dry -v", example)
    assert any(shown in line for line in written), written
    assert written[-1].startswith("Planned; nothing was applied"), written


class Health(BaseHTTPRequestHandler):
    """Says that an app is well, and notes that it was asked."""

    asked: Path

    def do_GET(self) -> None:
        restarted = self.asked.read_text().splitlines()
        well = self.path == "/health" and len(restarted) != 3  # the second host does not come back
        with self.asked.open("a") as log:
            log.write("asked\n")
        self.send_response(200 if well else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written to standard error."""


@pytest.fixture
def health(tmp_path: Path) -> Iterator[ThreadingHTTPServer]:
    Health.asked = tmp_path / "log"
    Health.asked.write_text("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Health)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.root
@pytest.mark.sshd
@pytest.mark.example("rolling-restart")
def test_rolling_restart_goes_on_only_when_the_last_one_is_well(
    example: Path, health: ThreadingHTTPServer, tmp_path: Path
) -> None:
    reason = sshd.unavailable()
    if reason is not None:
        pytest.skip(reason)
    (tmp_path / "sshd").mkdir()
    server = sshd.Sshd(tmp_path / "sshd").start()
    try:
        known = tmp_path / "known_hosts"
        known.write_text(server.known_hosts_line)
        login = {
            "ssh_hostname": "127.0.0.1", "ssh_port": server.port, "ssh_user": "root",
            "ssh_key": str(server.client_key), "ssh_known_hosts_file": str(known),
            "health_port": health.server_port, "restart": f"echo restarted >> {Health.asked}",
        }  # fmt: skip
        (example / "inventory.py").write_text(f"app = [(name, {login!r}) for name in ('app1', 'app2', 'app3')]\n")
        deploy = example / "deploy.py"
        deploy.write_text(deploy.read_text().replace("patience=30", "patience=0"))
        written = run("ropewalk inventory.py deploy.py -y --fail-percent 0; echo $?", example)
    finally:
        server.stop()
    assert Health.asked.read_text().splitlines()[:3] == ["restarted", "asked", "restarted"]
    assert Health.asked.read_text().count("restarted") == 2, written
    assert written[-1] == "1"
    assert any("is not healthy after 0 s" in line for line in written)
