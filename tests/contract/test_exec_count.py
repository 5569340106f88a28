"""How often Docker's client is started for a deploy in a container: counted, where a clock would say nothing."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from support.dockerd import Dockerd
from support.e2e_run import run

pytestmark = [pytest.mark.root, pytest.mark.sshd]

DEPLOY = """
from io import StringIO
from ropewalk import host
from ropewalk.facts.files import File
from ropewalk.operations import files, server

for n in range(10):
    files.directory(name=f"directory {n}", path=f"/srv/app/d{n}", mode="755")
    files.put(name=f"put {n}", src=StringIO(f"{n}\\n" * 99), dest=f"/srv/app/d{n}/file", mode="644")
for n in range(5):
    files.line(name=f"line {n}", path="/srv/app/lines", line=f"key{n}=value{n}")
server.shell(name="shell", commands=["date >/srv/app/stamp", "true", "true"])
host.get_fact(File, path="/srv/app/stamp")
"""
IDENTITY = 'server.shell(name="as somebody", commands=["id -un", "true"], _su_user="nobody", _su_shell="sh")\n'
BULK = 'files.put(name="bulk", src="bulk", dest="/srv/app/bulk")\n'


@pytest.mark.parametrize(
    ("text", "execs"),
    [(DEPLOY, 1), (DEPLOY + IDENTITY * 2, 2), (DEPLOY + BULK, 2), (DEPLOY + IDENTITY + BULK, 3)],
    ids=["one identity", "two identities", "a large file", "both"],
)
def test_one_client_for_each_identity_and_each_large_file(
    dockerd: Dockerd, tmp_path: Path, text: str, execs: int
) -> None:
    container = dockerd.start_container(f"counted-{tmp_path.name}")
    calls, programs = tmp_path / "calls", tmp_path / "programs"
    programs.mkdir()
    (programs / "docker").write_text(f'#!/bin/sh\necho "$1" >>{calls}\nexec {shutil.which("docker")} "$@"\n')
    (programs / "docker").chmod(0o755)
    (tmp_path / "bulk").write_bytes(os.urandom(1_000_000))
    (tmp_path / "deploy.py").write_text(text)
    environment = {"DOCKER_HOST": dockerd.host, "PATH": f"{programs}:{os.environ['PATH']}"}
    ended = run("-y", "--json", f"@docker/{container}", "deploy.py", cwd=tmp_path, environment=environment).must(0)
    assert ended.document["totals"]["operations"]["changed"] >= 26
    # Besides: one look at the container.
    assert Counter(calls.read_text().split()) == {"exec": execs, "container": 1}
