from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from ropewalk.connectors.ssh.address import Address, parse_address
from ropewalk.connectors.ssh.config import SSHConfig, load
from ropewalk.connectors.ssh.data import read_data
from ropewalk.connectors.ssh.route import plan_route
from ropewalk.connectors.ssh.settings import HostKeyPolicy, Settings, resolve
from ropewalk.model.command import Secret
from ropewalk.model.errors import ConnectError


@pytest.fixture(autouse=True)
def _a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", "/agent")
    monkeypatch.setattr("ropewalk.connectors.ssh.config.login_name", lambda: "me")
    monkeypatch.setattr("ropewalk.connectors.ssh.config.SYSTEM_CONFIG", Path("/nonexistent"))


def settings(address: str = "web1", config: str = "", /, **data: Any) -> Settings:
    path = Path("~/config").expanduser()
    path.write_text(config)
    where = parse_address(address)
    checked = read_data("web1", data)
    user, port = checked.get("ssh_user") or where.user, checked.get("ssh_port") or where.port
    return resolve(where, checked, load(where.host, user=user, port=port, files=[path]))


CONFIG = "User conf\nPort 1\nHostName conf.example\n"


@pytest.mark.parametrize(
    ("address", "config", "data", "expected"),
    [
        ("web1", "", {}, ("web1", 22, "me")),
        ("web1", CONFIG, {}, ("conf.example", 1, "conf")),
        ("addr@web1:2", CONFIG, {}, ("conf.example", 2, "addr")),
        ("addr@web1:2", CONFIG, {"ssh_user": "data", "ssh_port": 3}, ("conf.example", 3, "data")),
        ("web1", CONFIG, {"ssh_paramiko_connect_kwargs": {"username": "kw", "port": 4}}, ("conf.example", 4, "kw")),
    ],
)
def test_where_and_as_whom(address: str, config: str, data: dict[str, Any], expected: tuple[object, ...]) -> None:
    found = settings(address, config, **data)
    assert (found.host, found.port, found.user) == expected


@pytest.mark.parametrize(
    ("config", "data", "policy"),
    [
        ("", {}, HostKeyPolicy.ACCEPT_NEW),
        ("StrictHostKeyChecking yes", {}, HostKeyPolicy.YES),
        ("StrictHostKeyChecking ask", {}, HostKeyPolicy.ASK),
        ("StrictHostKeyChecking no", {}, HostKeyPolicy.OFF),
        ("StrictHostKeyChecking off", {}, HostKeyPolicy.OFF),
        ("StrictHostKeyChecking yes", {"ssh_strict_host_key_checking": "no"}, HostKeyPolicy.OFF),
        ("StrictHostKeyChecking no", {"ssh_strict_host_key_checking": "accept-new"}, HostKeyPolicy.ACCEPT_NEW),
    ],
)
def test_host_key_policies(config: str, data: dict[str, Any], policy: HostKeyPolicy) -> None:
    assert settings("web1", config, **data).policy is policy


def test_an_unknown_policy() -> None:
    with pytest.raises(ConnectError, match="perhaps"):
        settings("web1", "StrictHostKeyChecking perhaps")


def test_known_hosts_files(tmp_path: Path) -> None:
    assert settings().known_hosts[0] == f"{tmp_path}/.ssh/known_hosts"
    assert settings("web1", "UserKnownHostsFile ~/k_%n none\nGlobalKnownHostsFile none").known_hosts == (
        f"{tmp_path}/k_web1",
    )
    assert settings("web1", "UserKnownHostsFile x", ssh_known_hosts_file="~/mine").known_hosts == (f"{tmp_path}/mine",)


@pytest.mark.parametrize(
    ("address", "config", "known_as"),
    [
        ("Web1", "", "web1"),
        ("web1:2222", "", "[web1]:2222"),
        ("web1", "HostName 10.0.0.1", "10.0.0.1"),
        ("web1:2222", "HostKeyAlias box", "box"),
    ],
)
def test_the_name_in_known_hosts(address: str, config: str, known_as: str) -> None:
    assert settings(address, config).known_as == known_as


def test_keys(tmp_path: Path) -> None:
    usual = settings()
    assert usual.identities[-1] == f"{tmp_path}/.ssh/id_rsa"
    assert not usual.identities_only
    assert settings(ssh_look_for_keys=False).identities == ()
    configured = settings("web1", "IdentityFile ~/a\nIdentityFile %d/b\nIdentitiesOnly yes", ssh_look_for_keys=False)
    assert configured.identities == (f"{tmp_path}/a", f"{tmp_path}/b")
    assert configured.identities_only
    explicit = settings("web1", "IdentityFile ~/a\nCertificateFile c", ssh_key="~/k", ssh_certificate="~/k.crt")
    assert (explicit.identities, explicit.certificates) == ((f"{tmp_path}/k",), (f"{tmp_path}/k.crt",))
    assert explicit.explicit
    assert explicit.identities_only


@pytest.mark.parametrize(
    ("config", "data", "agent", "forwarded"),
    [
        ("", {}, "/agent", None),
        ("", {"ssh_allow_agent": False}, None, None),
        ("", {"ssh_forward_agent": True}, "/agent", "/agent"),
        ("ForwardAgent yes", {}, "/agent", "/agent"),
        ("ForwardAgent yes", {"ssh_forward_agent": False}, "/agent", None),
        ("ForwardAgent /other", {}, "/agent", "/other"),
        ("IdentityAgent /mine", {}, "/mine", None),
        ("IdentityAgent none", {}, None, None),
        ("IdentityAgent SSH_AUTH_SOCK", {}, "/agent", None),
        ("IdentityAgent $SSH_AUTH_SOCK", {}, "/agent", None),
    ],
)
def test_agents(config: str, data: dict[str, Any], agent: str | None, forwarded: str | None) -> None:
    found = settings("web1", config, **data)
    assert (found.agent, found.forward_agent) == (agent, forwarded)


def test_secrets_are_not_shown() -> None:
    found = settings(ssh_password=Secret("hunter2"), ssh_key_password="hunter3")
    assert (found.password, found.key_password) == ("hunter2", "hunter3")
    assert "hunter" not in repr(found)


@pytest.mark.parametrize(
    ("config", "data", "jumps", "command"),
    [
        ("ProxyJump a,root@b:2", {}, (Address("a"), Address("b", "root", 2)), None),
        ("ProxyJump none", {}, (), None),
        ("ProxyJump a\nProxyCommand nc %h %p", {}, (Address("a"),), None),
        ("ProxyCommand nc %h %p\nProxyJump a", {}, (), "nc web1 22"),
        ("ProxyCommand nc %h %p", {}, (), "nc web1 22"),
        ("ProxyCommand nc %h %p", {"ssh_port": 5}, (), "nc web1 5"),
        ("ProxyCommand nc %h %p", {"ssh_jump": "c"}, (Address("c"),), None),
        ("ProxyJump a", {"ssh_jump": ["c", "d:1"]}, (Address("c"), Address("d", None, 1)), None),
        ("ProxyJump a", {"ssh_jump": ""}, (), None),
        ("ProxyJump a\nProxyCommand x", {"ssh_proxy_command": "nc %h %p"}, (), "nc web1 22"),
        ("ProxyCommand x", {"ssh_proxy_command": "none"}, (), None),
        ("", {"ssh_proxy_command": "nc %h %p", "ssh_jump": "c"}, (Address("c"),), None),
    ],
)
def test_jumps(config: str, data: dict[str, Any], jumps: tuple[Address, ...], command: str | None) -> None:
    found = settings("web1", config, **data)
    assert (found.jumps, found.proxy_command) == (jumps, command)


@pytest.mark.parametrize(
    ("config", "data", "timeout", "keepalive"),
    [
        ("", {}, 10.0, 15.0),
        ("ConnectTimeout 3\nServerAliveInterval 1m", {}, 3.0, 60.0),
        ("ServerAliveInterval 0", {}, 10.0, 0.0),
        ("ServerAliveInterval 1m", {"ssh_keepalive_interval": 2}, 10.0, 2.0),
        ("ConnectTimeout 3", {"ssh_paramiko_connect_kwargs": {"timeout": 4, "auth_timeout": 1}}, 5.0, 15.0),
    ],
)
def test_times(config: str, data: dict[str, Any], timeout: float, keepalive: float) -> None:
    found = settings("web1", config, **data)
    assert (found.timeout, found.keepalive_interval, found.keepalive_count) == (timeout, keepalive, 3)


@pytest.mark.parametrize("line", ["ConnectTimeout soon", "Port many", "Compression maybe", "ServerAliveInterval 1x"])
def test_values_that_make_no_sense(line: str) -> None:
    with pytest.raises(ConnectError, match=line.split()[1]):
        settings("web1", line)


def test_authentication_methods() -> None:
    assert settings().methods == ("publickey", "password", "keyboard-interactive")
    config = "PreferredAuthentications gssapi-with-mic,password,publickey\nPasswordAuthentication no"
    assert settings("web1", config).methods == ("publickey",)


def test_what_paramiko_takes(caplog: pytest.LogCaptureFixture) -> None:
    kwargs = {
        "compress": True,
        "allow_agent": False,
        "key_filename": "/k",
        "passphrase": "p",
        "disabled_algorithms": {"kex": ["a", "b"], "pubkeys": ["c"]},
        "gss_auth": True,
    }
    with caplog.at_level(logging.WARNING, logger="ropewalk"):
        found = settings(ssh_paramiko_connect_kwargs=kwargs)
    assert found.compression
    assert found.agent is None
    assert (found.identities, found.key_password) == (("/k",), "p")
    assert found.without == {"kex_algs": ("a", "b"), "signature_algs": ("c",)}
    assert [record.getMessage() for record in caplog.records] == [
        "host web1: ssh_paramiko_connect_kwargs: gss_auth has no meaning here and is left out"
    ]


def test_routes_through_jump_hosts(tmp_path: Path) -> None:
    ssh = tmp_path / ".ssh"
    ssh.mkdir()
    (ssh / "config").write_text("Host a\nUser alice\nPort 1\nHost b\nProxyJump elsewhere\n")
    data = read_data("web1", {"ssh_jump": "a,b", "ssh_key": "/k", "ssh_password": "secret", "ssh_port": 9})
    last = plan_route(Address("web1"), data)
    middle = last.through
    assert middle is not None
    first = middle.through
    assert first is not None
    assert first.through is None
    assert [(route.settings.host, route.settings.port, route.settings.user) for route in (first, middle, last)] == [
        ("a", 1, "alice"),
        ("b", 22, "me"),
        ("web1", 9, "me"),
    ]
    assert {route.settings.identities for route in (first, middle, last)} == {("/k",)}
    assert [route.settings.password for route in (first, middle, last)] == [None, None, "secret"]
    assert first.key != middle.key
    assert plan_route(Address("web2"), data).through == last.through


def test_jumps_in_a_circle(tmp_path: Path) -> None:
    ssh = tmp_path / ".ssh"
    ssh.mkdir()
    (ssh / "config").write_text("Host a\nProxyJump b\nHost b\nProxyJump a\n")
    with pytest.raises(ConnectError, match=r"circle: a \(a:22\) -> b \(b:22\) -> a \(a:22\)"):
        plan_route(Address("a"), {})


def test_a_config_can_be_made_by_hand() -> None:
    assert resolve(Address("h"), {}, SSHConfig("h", {"user": ["u"]})).user == "u"
