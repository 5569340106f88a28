from __future__ import annotations

import os
from pathlib import Path

import pytest

from ropewalk.connectors.ssh.config import SSHConfig, load
from ropewalk.model.errors import ConnectError


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("ropewalk.connectors.ssh.config.login_name", lambda: "me")

    def read(text: str, name: str = "web1", *, user: str | None = None) -> SSHConfig:
        path = tmp_path / "config"
        path.write_text(text)
        return load(name, user=user, files=[path])

    return read


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("Port 1", "1"),
        ("  port=1  ", "1"),
        ("PORT = 1", "1"),
        ("Port\t1", "1"),
        ('Port "1"', "1"),
        ("Port 1 # why", "1"),
        ("# Port 1", None),
        ("", None),
        ("Host web1\nPort 1", "1"),
        ("Host web2\nPort 1", None),
        ("Host web*\nPort 1", "1"),
        ("Host web?\nPort 1", "1"),
        ("Host WEB1\nPort 1", "1"),
        ("Host db web1\nPort 1", "1"),
        ("Host * !web1\nPort 1", None),
        ("Host !web1 *\nPort 1", None),
        ("Host !db\nPort 1", None),
        ("Host web2\nPort 1\nHost *\nPort 2", "2"),
        ("Host web1\nPort 1\nHost *\nPort 2", "1"),
        ("Port 1\nHost web1\nPort 2", "1"),
        ("Match all\nPort 1", "1"),
        ("Match host web1\nPort 1", "1"),
        ("Match host=web1\nPort 1", "1"),
        ("Match host web2,web1\nPort 1", "1"),
        ("Match !host web1\nPort 1", None),
        ("Match host web1 user you\nPort 1", None),
        ("Match host web1 user me\nPort 1", "1"),
        ("User you\nMatch user you\nPort 1", "1"),
        ("HostName real\nMatch host real\nPort 1", "1"),
        ("HostName real\nMatch originalhost web1\nPort 1", "1"),
        ("Match localuser me\nPort 1", "1"),
        ("Match exec true\nPort 1", "1"),
        ("Match exec false\nPort 1", None),
        ('Match exec "test %n = web1"\nPort 1', "1"),
        ("Match host other exec 'exit 3'\nPort 1", None),
        ("Match final all\nPort 1", "1"),
        ("Match final\nPort 1\nMatch all\nPort 2", "2"),
        ("Tag blue\nMatch tagged blue\nPort 1", "1"),
    ],
)
def test_which_port(read, text: str, port: str | None) -> None:  # type: ignore[no-untyped-def]
    assert read(text).get("port") == port


def test_a_user_that_was_decided_before_is_what_match_compares(read) -> None:  # type: ignore[no-untyped-def]
    text = "Match user root\nPort 1\nUser other"
    assert read(text, user="root").get("port") == "1"
    assert read(text, user="root").get("user") == "root"
    assert read(text).get("port") is None


def test_lists_grow_and_none_is_nothing(read) -> None:  # type: ignore[no-untyped-def]
    config = read('IdentityFile a\nIdentityFile "b c"\nIdentityFile a\nProxyCommand none\nCertificateFile none')
    assert config.all("identityfile") == ["a", "b c"]
    assert config.get("proxycommand") is None
    assert config.all("certificatefile") == []


def test_commands_keep_their_quotes(read) -> None:  # type: ignore[no-untyped-def]
    assert read("""ProxyCommand sh -c 'nc "%h" %p # not a comment'""").get("proxycommand") == (
        """sh -c 'nc "%h" %p # not a comment'"""
    )


def test_include(read, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    ssh = tmp_path / ".ssh"
    (ssh / "conf.d").mkdir(parents=True)
    (ssh / "conf.d" / "20.conf").write_text("Port 20\nHost other\n")
    (ssh / "conf.d" / "10.conf").write_text("Port 10\nUser ten\n")
    config = read("Host web1\nInclude conf.d/*.conf missing\nCompression yes")
    assert (config.get("port"), config.get("user"), config.get("compression")) == ("10", "ten", "yes")
    assert read("Host other\nInclude conf.d/*.conf").get("port") is None


def test_include_in_a_circle(read, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConnectError, match="too deep"):
        read(f"Include {tmp_path}/config")


def test_one_files_last_block_does_not_reach_into_the_next(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("Host other\n")
    (tmp_path / "b").write_text("Port 1\n")
    assert load("web1", files=[tmp_path / "a", tmp_path / "b"]).get("port") == "1"


def test_tokens(read, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("ROOM", "12")
    config = read("HostName %h.example.com\nPort 2222\nUser root")
    assert config.host == "web1.example.com"
    assert config.expand("~/%n/%h/%p/%r/%u/%%/${ROOM}/%d") == (
        f"{tmp_path}/web1/web1.example.com/2222/root/me/%/12/{tmp_path}"
    )
    assert config.expand("%i") == str(os.getuid())
    assert config.expand("%p", p="1") == "1"
    for unknown in ("%z", "${NO_SUCH_VARIABLE}"):
        with pytest.raises(ConnectError, match="web1"):
            config.expand(unknown)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Port", "no value"),
        ('Port "1', "quotation"),
        ("!!", "understood"),
        ("Match host", "no value"),
        ("Match address 1.2.3.4\n", "ssh_backend|not supported"),
    ],
)
def test_mistakes_are_located(read, text: str, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConnectError, match=says) as caught:
        read(f"# first line\n{text}")
    assert "config:2" in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConnectError, match="nowhere"):
        load("web1", files=[tmp_path / "nowhere"])


def test_a_change_is_seen(read) -> None:  # type: ignore[no-untyped-def]
    assert read("Port 1").get("port") == "1"
    assert read("Port 22").get("port") == "22"
