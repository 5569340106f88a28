"""What the contract tests share: a real SSH server, and every connector that can be reached without more."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.connector import Connector, ConnectorOptions
from ropewalk.api.inventory import Inventory
from ropewalk.engine.hops import connector_of
from support import session_manager
from support.docker_site import IMAGE, Site
from support.dockerd import Dockerd
from support.exec_clients import ADDRESSES, install
from support.machines import BIND_USR, install_machinectl, nspawn_why_not, running_machine
from support.small_root import bare_root, small_root
from support.sshd import Sshd, unavailable

#: The address of a host, and its data.
Way = tuple[str, dict[str, Any]]


@pytest.fixture(scope="session")
def shared_sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """A server that tests may not harm."""
    reason = unavailable()
    if reason:
        pytest.skip(reason)
    server = Sshd(tmp_path_factory.mktemp("sshd")).start()
    yield server
    server.stop()


@pytest.fixture
def new_sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Sshd]]:
    """Starts servers for one test; takes further lines of sshd_config."""
    reason = unavailable()
    if reason:
        pytest.skip(reason)
    servers: list[Sshd] = []

    def start(*options: str) -> Sshd:
        servers.append(Sshd(tmp_path_factory.mktemp("sshd"), options).start())
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(autouse=True)
def _no_configuration_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the configuration, keys and agent of who runs the tests out of them."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.setattr("ropewalk.connectors.ssh.config.SYSTEM_CONFIG", Path("/nonexistent/ssh_config"))
    monkeypatch.setattr("ropewalk.connectors.ssh.openssh_config.SYSTEM_CONFIG", Path("/nonexistent/ssh_config"))


@pytest.fixture(params=["asyncssh", "openssh"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def data(backend: str, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Returns host data that reach a server with its key; keyword arguments add to them or, with None, take away."""

    def data_for(server: Sshd, **more: Any) -> dict[str, Any]:
        found = {
            "ssh_hostname": "127.0.0.1",
            "ssh_port": server.port,
            "ssh_user": "root",
            "ssh_key": str(server.client_key),
            "ssh_known_hosts_file": str(tmp_path / "known_hosts"),
            "ssh_backend": backend,
            **more,
        }
        return {key: value for key, value in found.items() if value is not None}

    return data_for


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Starts an agent of this test's own; adds keys to it."""
    socket = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))

    def add(key: Path) -> None:
        for _ in range(200):
            if socket.exists():
                break
            time.sleep(0.01)
        subprocess.run(["ssh-add", "-q", str(key)], check=True, stdin=subprocess.DEVNULL)

    yield add
    process.terminate()
    process.wait()


@pytest.fixture(scope="session")
def dockerd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dockerd]:
    """A Docker daemon that tests share."""
    daemon = Dockerd(tmp_path_factory.mktemp("docker"))
    reason = daemon.start()
    if reason:
        pytest.skip(reason)
    yield daemon
    daemon.stop()


@pytest.fixture(scope="session")
def sshd_with_docker(dockerd: Dockerd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """A server on which ``docker`` finds the daemon."""
    server = Sshd(tmp_path_factory.mktemp("sshd"), (f"SetEnv SHLVL=2 DOCKER_HOST={dockerd.host}",)).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def container(dockerd: Dockerd) -> str:
    """A container that runs and shares the directory of temporary files."""
    return dockerd.start_container("shared", "-v", "/tmp:/tmp")


@pytest.fixture(scope="session")
def image(dockerd: Dockerd) -> str:
    """An image with an entry point and a command of its own; its id."""
    return dockerd.make_image(IMAGE, 'ENTRYPOINT ["/bin/sh","-c"]', 'CMD ["echo served"]').removeprefix("sha256:")


@pytest.fixture
def site(dockerd: Dockerd, image: str, tmp_path: Path) -> Iterator[Site]:
    before = dockerd.docker("ps", "-aq", "--no-trunc").split()
    yield Site(dockerd, tmp_path)
    if new := [one for one in dockerd.docker("ps", "-aq", "--no-trunc").split() if one not in before]:
        dockerd.docker("rm", "-fv", *new)


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A root file system of its own with /proc, as who works in a root mounts it.

    Nothing else is mounted: were that left behind, whoever removes temporary files would remove what is there.
    """
    made = small_root(tmp_path_factory.mktemp("roots") / "root")
    for name, number in (("null", "3"), ("zero", "5")):
        subprocess.run(["mknod", "-m", "666", made / "dev" / name, "c", "1", number], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", made / "proc"], check=True)
    yield made
    # Lazily: a daemon that a test has started there may have some seconds left.
    subprocess.run(["umount", "--lazy", made / "proc"], check=True)


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root file system that systemd-nspawn may start machines of, with the options ``BIND_USR``."""
    return bare_root(tmp_path_factory.mktemp("trees") / "tree")


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The first process of a machine that runs."""
    with running_machine(bare_root(tmp_path_factory.mktemp("trees") / "running"), *BIND_USR) as leader:
        yield leader


@pytest.fixture
def reach(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[Connector]]:
    """Connects to an address as a run does, with chains and all."""

    @asynccontextmanager
    async def reached(address: str, **data: Any) -> AsyncIterator[Connector]:
        inventory = Inventory(([(address, data)], {}))
        [host] = list(inventory)
        connector = connector_of(host, ConnectorOptions())
        try:
            await connector.connect()
            yield connector
        finally:
            await connector.close()

    return reached


@pytest.fixture(
    params=[
        "local", "asyncssh", "openssh", "chroot", "nspawn", "nspawn machine", "docker", "ssh to chroot",
        "ssh to nspawn", "ssh to docker", "chroot to docker", "ssh to ssh", "ssh to ssh to docker",
        "ssm", "ssm by openssh",
        *ADDRESSES,
    ]
)  # fmt: skip
def way(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Way:
    """The address and the data of a host behind each connector in turn."""
    name: str = request.param
    if name == "local":
        return "@local", {}
    if name in ADDRESSES:
        install(tmp_path / "clients")
        monkeypatch.setenv("PATH", f"{tmp_path / 'clients'}:{os.environ['PATH']}")
        return ADDRESSES[name], {}
    if "chroot" in name and os.geteuid() != 0:
        pytest.skip("chroot needs root")
    if "nspawn" in name and (reason := nspawn_why_not()):
        pytest.skip(reason)
    if "docker" in name:
        container = request.getfixturevalue("container")
        monkeypatch.setenv("DOCKER_HOST", request.getfixturevalue("dockerd").host)
    if name == "chroot":
        return f"@chroot{request.getfixturevalue('root')}", {}
    if name == "nspawn":
        return f"@nspawn{request.getfixturevalue('tree')}", {"nspawn_options": BIND_USR}
    if name == "nspawn machine":
        install_machinectl(tmp_path / "clients", "running", request.getfixturevalue("machine"))
        monkeypatch.setenv("PATH", f"{tmp_path / 'clients'}:{os.environ['PATH']}")
        return "@nspawn/running", {}
    if name == "docker":
        return f"@docker/{container}", {}
    if name == "chroot to docker":
        return f"@chroot///@docker/{container}", {}
    server = request.getfixturevalue("sshd_with_docker" if "docker" in name else "shared_sshd")
    data = {"ssh_key": str(server.client_key), "ssh_known_hosts_file": str(tmp_path / "known_hosts")}
    if "ssm" in name:
        session_manager.install(tmp_path / "clients", server.port)
        monkeypatch.setenv("PATH", f"{tmp_path / 'clients'}:{os.environ['PATH']}")
        backend = "openssh" if "openssh" in name else "asyncssh"
        return f"@ssm/root@{session_manager.INSTANCE}", {"ssh_backend": backend, **data}
    address = f"@ssh/root@127.0.0.1:{server.port}"
    if "to" not in name:
        return address, {"ssh_backend": name, **data}
    if name.startswith("ssh to ssh"):
        # The second is another name for the same server, as the first one sees it.
        address = f"{address}/@ssh/root@localhost:{server.port}"
    lasts = {
        "ssh to ssh": lambda: "",
        "ssh to ssh to docker": lambda: f"/@docker/{container}",
        "ssh to chroot": lambda: f"/@chroot{request.getfixturevalue('root')}",
        "ssh to nspawn": lambda: f"/@nspawn{request.getfixturevalue('tree')}",
        "ssh to docker": lambda: f"/@docker/{container}",
    }
    return f"{address}{lasts[name]()}", {**data, "nspawn_options": BIND_USR}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What uses a server needs root and sshd: say so with the project's marks."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        over_ssh = getattr(item, "callspec", None) is not None and item.callspec.params.get("way", "local") not in (
            "local",
            *ADDRESSES,
        )
        if item.path.parent == Path(__file__).parent and (over_ssh or names & {"shared_sshd", "new_sshd", "data"}):
            item.add_marker(pytest.mark.sshd)
            item.add_marker(pytest.mark.root)
