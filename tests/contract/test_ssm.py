"""Instances behind Session Manager, with a stand-in for the AWS CLI: its words, its errors, and what is left."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.inventory import Inventory
from ropewalk.model.errors import InventoryError
from support import session_manager
from support.e2e_run import Ended, run
from support.processes import command_lines, eventually
from support.sshd import Sshd

HOST = f"@ssm/root@{session_manager.INSTANCE}"


class Cloud:
    """Runs ropewalk where ``aws`` is a stand-in."""

    def __init__(self, server: Sshd, directory: Path) -> None:
        self.directory, self.clients = directory, directory / "clients"
        self.words = session_manager.install(self.clients, server.port)
        self.data = {"ssh_key": str(server.client_key), "ssh_known_hosts_file": str(directory / "known_hosts")}

    def run(self, host: str = HOST, path: str | None = None, **data: Any) -> Ended:
        options = [f"--data={key}={value}" for key, value in {**self.data, **data}.items()]
        environment = {"PATH": path or f"{self.clients}:{os.environ['PATH']}", "TMPDIR": str(self.temporary)}
        words = ["-y", "--json", host, "exec", *options, "--", "echo there"]
        return run(*words, cwd=self.directory, environment=environment)

    @property
    def temporary(self) -> Path:
        made = self.directory / "temporary"
        made.mkdir(exist_ok=True)
        return made


@pytest.fixture
def cloud(shared_sshd: Sshd, tmp_path: Path) -> Cloud:
    return Cloud(shared_sshd, tmp_path)


def why(ended: Ended, host: str) -> str:
    failure = ended.document["hosts"][host]["failure"]
    return f"{failure['message']} | {failure.get('hint')}"


@pytest.mark.parametrize("backend", ["asyncssh", "openssh"])
def test_the_client_is_called_as_it_is_documented_and_leaves_nothing(cloud: Cloud, backend: str) -> None:
    cloud.run(ssh_backend=backend).must(0)
    [words] = cloud.words.read_text().splitlines()
    target, document = f"--target={session_manager.INSTANCE}", "--document-name=AWS-StartSSHSession"
    assert words == str(["ssm", "start-session", target, document, "--parameters", "portNumber=22"])
    look = ["ssh-keygen", "-F", session_manager.INSTANCE, "-f", cloud.data["ssh_known_hosts_file"]]
    assert subprocess.run(look, capture_output=True, check=False).returncode == 0
    assert eventually(lambda: str(cloud.clients) not in command_lines())
    assert list(cloud.temporary.iterdir()) == []


@pytest.mark.parametrize("backend", ["asyncssh", "openssh"])
def test_data_choose_profile_region_and_document(cloud: Cloud, backend: str) -> None:
    cloud.run(ssh_backend=backend, ssm_profile="b' $x", ssm_region="eu-central-1", ssm_document="Own").must(0)
    [words] = cloud.words.read_text().splitlines()
    assert words.startswith(str(["--profile=b' $x", "--region=eu-central-1", "ssm", "start-session"])[:-1])
    assert "'--document-name=Own'" in words


@pytest.mark.parametrize("backend", ["asyncssh", "openssh"])
def test_what_the_client_says_is_the_error(cloud: Cloud, backend: str) -> None:
    ended = cloud.run("@ssm/root@i-gone", ssh_backend=backend).must(4)
    assert why(ended, "@ssm/root@i-gone") == (
        "i-gone: An error occurred (TargetNotConnected) when calling the StartSession operation: i-gone is not "
        "connected. | see if the instance runs, with SSM Agent and the rights that it needs"
    )
    (cloud.clients / "session-manager-plugin").unlink()
    assert "| install the session-manager plugin of the AWS CLI" in why(cloud.run(ssh_backend=backend).must(4), HOST)
    assert list(cloud.temporary.iterdir()) == []


def test_without_the_client_the_error_names_it(cloud: Cloud) -> None:
    bin = cloud.directory / "bin"
    bin.mkdir()
    (bin / "sh").symlink_to("/bin/sh")
    said = why(cloud.run(path=str(bin)).must(4), HOST)
    assert "aws" in said
    assert said.endswith("| install the AWS CLI and its session-manager plugin, or put them into PATH")


def test_a_login_that_is_refused_is_the_servers_error(cloud: Cloud, make_key: Callable[[], Path]) -> None:
    said = why(cloud.run(ssh_key=str(make_key())).must(4), HOST)
    assert "the server refuses user root" in said


@pytest.fixture
def make_key(tmp_path: Path) -> Callable[[], Path]:
    from support.sshd import make_key

    def made() -> Path:
        make_key(tmp_path / "other")
        return tmp_path / "other"

    return made


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"ssm_instance": "web"}, "ssm_instance must be the id of an instance, not 'web'"),
        ({"ssm_instance": "-x"}, "ssm_instance must be the id of an instance"),
        ({"ssm_region": "[1]"}, "ssm_region must be a str"),
    ],
)
def test_data_that_make_no_sense_are_told(cloud: Cloud, data: dict[str, str], says: str) -> None:
    ended = cloud.run(**data)
    assert ended.status != 0
    assert says in ended.out.decode() + ended.stderr


def test_it_cannot_be_reached_through_others(cloud: Cloud) -> None:
    ended = cloud.run("@ssh/bastion/@ssm/i-1")
    assert ended.status != 0
    assert "@ssm cannot be reached through another host" in ended.out.decode() + ended.stderr


def test_others_can_be_reached_through_it(cloud: Cloud, root: Path) -> None:
    host = f"{HOST}/@chroot{root}"
    [operation] = cloud.run(host).must(0).document["operations"]
    assert operation["hosts"][host]["commands"][0]["stdout"] == "there\n"


@pytest.mark.parametrize("address", ["@ssm", "@ssm/"])
def test_an_address_that_says_too_little_is_told(address: str) -> None:
    with pytest.raises(InventoryError, match="needs an instance"):
        Inventory(([address], {}))
