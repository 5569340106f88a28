"""Hosts of an inventory of Ansible are reached as its connection variables say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.sshd import Sshd


def on(inventory: Path, *command: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "ropewalk", "--no-history", f"@ansible/{inventory.name}", "exec", "--", *command]
    return subprocess.run(words, cwd=inventory.parent, capture_output=True, text=True, check=False)


def test_an_address_a_port_a_key_and_options_of_ssh(shared_sshd: Sshd, tmp_path: Path) -> None:
    inventory = tmp_path / "hosts"
    inventory.write_text(
        f"[web]\none ansible_host=127.0.0.1\ntwo ansible_ssh_host=127.0.0.1\n[web:vars]\n"
        f"ansible_port={shared_sshd.port}\n"
        f"ansible_user=root\nansible_ssh_private_key_file={shared_sshd.client_key}\nwhere=there\n"
        "ansible_ssh_common_args='-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'\n"
    )
    done = on(inventory, "sh", "-c", 'echo "${SSH_CONNECTION##* }"')
    said = sorted(done.stdout.splitlines())
    assert (done.returncode, said) == (0, [f"[one] {shared_sshd.port}", f"[two] {shared_sshd.port}"])


@pytest.mark.skipif(shutil.which("sudo") is None, reason="needs sudo")
def test_another_user_through_a_proxy_command(shared_sshd: Sshd, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"far {shared_sshd.public_host_key}\n")
    ssh = f"ssh -F none -i {shared_sshd.client_key} -o UserKnownHostsFile={known} -o HostKeyAlias=far"
    forward = f"-p {shared_sshd.port} -W 127.0.0.1:{shared_sshd.port} {{{{ gate }}}}"
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(f"""
all:
  vars:
    gate: root@127.0.0.1
    ansible_ssh_extra_args: '-o ProxyCommand="{ssh} {forward}"'
  hosts:
    far:
      ansible_user: root
      ansible_ssh_private_key_file: {shared_sshd.client_key}
      ansible_ssh_common_args: -o UserKnownHostsFile={known}
      ansible_become: true
      ansible_become_user: nobody
""")
    done = on(inventory, "id", "-un")
    assert (done.returncode, done.stdout, done.stderr.count("error")) == (0, "nobody\n", 0), done.stderr
