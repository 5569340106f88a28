"""A private Docker daemon, for tests that must talk to a real one."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from support.small_root import bare_root, small_root


class Dockerd:
    """A daemon with its own data, and the image ``tests:1`` in it, which holds nothing.

    :param directory: an empty directory.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.host = f"unix://{directory}/docker.sock"
        self.env = {**os.environ, "DOCKER_HOST": self.host}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str | None:
        """Start it; return why it cannot run here, or ``None``."""
        if os.geteuid() != 0:
            return "needs root"
        if missing := [name for name in ("dockerd", "docker", "tar") if not shutil.which(name)]:
            return f"needs {', '.join(missing)}"
        where = ["--data-root", self.directory / "data", "--exec-root", self.directory / "exec"]
        with open(self.directory / "log", "wb") as log:
            self._process = subprocess.Popen(
                ["dockerd", "--iptables=false", "--ip6tables=false", "--bridge=none", *where, "-H", self.host,
                 "--pidfile", self.directory / "pid"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        if not self._answers() or not self._has_image():
            reason = (self.directory / "log").read_text(errors="replace").splitlines()[-1:]
            self.stop()
            return f"dockerd does not run here: {' '.join(reason)}"
        return None

    def stop(self) -> None:
        """End it, and every container."""
        if self._process is None:
            return
        if containers := self.docker("ps", "-aq", check=False).split():
            self.docker("rm", "-fv", *containers, check=False)
        self._process.terminate()
        self._process.wait()
        self._process = None

    def docker(self, *words: str, check: bool = True) -> str:
        """Run the client; return what it wrote."""
        done = subprocess.run(
            ["docker", *words], env=self.env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def start_container(self, name: str, *options: str) -> str:
        """Start a container with all of this machine's programs; return its id."""
        idle = ["tests:1", "tail", "-f", "/dev/null"]
        return self.docker("run", "-d", "--name", name, "-v", "/usr:/usr:ro", *options, *idle).strip()

    def make_image(self, name: str, *changes: str) -> str:
        """Make an image that holds programs; return its id.

        :param changes: instructions of a Dockerfile, such as ``CMD ["sh"]``.
        """
        root = self.directory / "programs"
        if not root.exists():
            small_root(root)
        packed = subprocess.run(["tar", "-C", root, "-c", "."], check=True, capture_output=True).stdout
        words = [f"--change={change}" for change in changes]
        made = subprocess.run(
            ["docker", "import", *words, "-", name], input=packed, env=self.env, capture_output=True, check=True
        )
        return made.stdout.decode().strip()

    def _answers(self) -> bool:
        assert self._process is not None
        until = time.monotonic() + 30
        while self._process.poll() is None and time.monotonic() < until:
            if self.docker("version", "--format", "{{.Server.Version}}", check=False).strip():
                return True
            time.sleep(0.1)
        return False

    def _has_image(self) -> bool:
        root = bare_root(self.directory / "root")
        packed = subprocess.run(["tar", "-C", root, "-c", "."], check=True, capture_output=True).stdout
        made = subprocess.run(
            ["docker", "import", "-", "tests:1"], input=packed, env=self.env, capture_output=True, check=False
        )
        if made.returncode:
            return False
        return bool(self.start_container("probe")) and "ok" in self.docker("exec", "probe", "echo", "ok", check=False)
