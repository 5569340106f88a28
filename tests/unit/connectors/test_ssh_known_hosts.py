from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ropewalk.connectors.ssh.host_key import Verdict, judge, store
from ropewalk.connectors.ssh.known_hosts import add, fingerprint, look_up
from ropewalk.connectors.ssh.settings import HostKeyPolicy, Settings
from ropewalk.model.errors import HostKeyRejected

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ"
RSA = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQC1"
#: of 192.168.1.61
HASHED = "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg="


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "known_hosts"


@pytest.mark.parametrize(
    ("hosts", "name", "about"),
    [
        ("web1", "web1", True),
        ("web1", "WEB1", True),
        ("Web1", "web1", True),
        ("web1,10.0.0.1", "10.0.0.1", True),
        ("web1", "web10", False),
        ("web1", "[web1]:2222", False),
        ("[web1]:2222", "[web1]:2222", True),
        ("[web1]:2222", "web1", False),
        ("web*", "web1", True),
        ("web?", "web12", False),
        ("*,!web1", "web1", False),
        ("*,!web1", "web2", True),
        ("[web1]:*", "[web1]:2222", True),
        ("*", "[web1]:2222", True),
        (HASHED, "192.168.1.61", True),
        (HASHED, "192.168.1.62", False),
        ("|1|broken", "web1", False),
        ("|2|AAAA|AAAA", "web1", False),
    ],
)
def test_which_hosts_an_entry_is_about(file: Path, hosts: str, name: str, about: bool) -> None:
    file.write_text(f"{hosts} {KEY} a comment\n")
    assert bool(look_up([file], name).keys) is about


def test_markers_and_lines_that_make_no_sense(file: Path) -> None:
    lines = [
        "",
        "# comment",
        "web1",
        f"@cert-authority web* {KEY}",
        f"@revoked * {OTHER}",
        f"@odd web1 {KEY}",
        f"web1 {RSA}",
    ]
    file.write_text("\n".join(lines))
    known = look_up([file, file.parent / "missing", "/dev/null"], "web1")
    assert [(entry.key, entry.line) for entry in known.keys] == [(RSA, 7)]
    assert [(entry.key, entry.line) for entry in known.authorities] == [(KEY, 4)]
    assert [(entry.key, entry.where) for entry in known.revoked] == [(OTHER, f"{file}:5")]


def test_adding(file: Path) -> None:
    deep = file.parent / "new" / "directory" / "known_hosts"
    assert add(deep, "Web1", KEY)
    assert deep.read_text() == f"web1 {KEY}\n"
    assert deep.stat().st_mode & 0o777 == 0o600
    assert deep.parent.stat().st_mode & 0o777 == 0o700
    assert add(deep, "web1", KEY)
    assert not add(deep, "web1", OTHER)
    assert deep.read_text() == f"web1 {KEY}\n"


def test_adding_to_a_file_without_a_last_newline(file: Path) -> None:
    file.write_text(f"web0 {KEY}")
    add(file, "web1", OTHER)
    assert file.read_text() == f"web0 {KEY}\nweb1 {OTHER}\n"


def test_adding_hashed(file: Path) -> None:
    add(file, "[web1]:2222", KEY, hashed=True)
    assert "web1" not in file.read_text()
    assert [entry.key for entry in look_up([file], "[web1]:2222").keys] == [KEY]
    assert add(file, "[web1]:2222", KEY, hashed=True)
    assert len(file.read_text().splitlines()) == 1


def test_adding_at_the_same_time(file: Path) -> None:
    names = [f"web{number % 5}" for number in range(40)]
    threads = [threading.Thread(target=add, args=(file, name, KEY)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(file.read_text().splitlines()) == [f"web{number} {KEY}" for number in range(5)]


def test_what_is_added_is_seen(file: Path) -> None:
    for number in range(5):
        assert not look_up([file], f"web{number}").keys
        add(file, f"web{number}", KEY)
        assert look_up([file], f"web{number}").keys


def test_fingerprints() -> None:
    assert fingerprint(KEY) == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"


def settings(file: Path, policy: HostKeyPolicy = HostKeyPolicy.ACCEPT_NEW, port: int = 22) -> Settings:
    return Settings("web1", "web1", port, "me", known_hosts=(str(file),), policy=policy)


@pytest.mark.parametrize(
    ("text", "policy", "port", "verdict"),
    [
        ("", HostKeyPolicy.ACCEPT_NEW, 22, Verdict.NEW),
        ("", HostKeyPolicy.ASK, 22, Verdict.ASK),
        ("", HostKeyPolicy.YES, 22, None),
        ("", HostKeyPolicy.OFF, 22, Verdict.KNOWN),
        (f"web1 {KEY}", HostKeyPolicy.YES, 22, Verdict.KNOWN),
        (f"web1 {RSA}\nweb1 {KEY}", HostKeyPolicy.YES, 22, Verdict.KNOWN),
        (f"web1 {OTHER}", HostKeyPolicy.ACCEPT_NEW, 22, None),
        (f"web1 {OTHER}", HostKeyPolicy.ASK, 22, None),
        (f"web1 {OTHER}", HostKeyPolicy.OFF, 22, Verdict.KNOWN),
        (f"web1 {RSA}", HostKeyPolicy.ACCEPT_NEW, 22, None),  # known, and this is not what it is known by
        (f"web1 {KEY}", HostKeyPolicy.YES, 2222, Verdict.KNOWN),  # as ssh does
        (f"web1 {OTHER}", HostKeyPolicy.ACCEPT_NEW, 2222, Verdict.NEW),
        (f"[web1]:2222 {OTHER}\nweb1 {KEY}", HostKeyPolicy.ACCEPT_NEW, 2222, None),
        (f"@revoked * {KEY}\nweb1 {KEY}", HostKeyPolicy.YES, 22, None),
        (f"@revoked web1 {KEY}", HostKeyPolicy.ACCEPT_NEW, 2222, None),
        (f"@cert-authority * {OTHER}", HostKeyPolicy.ACCEPT_NEW, 22, Verdict.NEW),
    ],
)
def test_judging(file: Path, text: str, policy: HostKeyPolicy, port: int, verdict: Verdict | None) -> None:
    file.write_text(text)
    if verdict is None:
        with pytest.raises(HostKeyRejected) as caught:
            judge(settings(file, policy, port), KEY)
        assert f"web1:{port}" in str(caught.value)
        assert caught.value.hint
    else:
        assert judge(settings(file, policy, port), KEY) is verdict


def test_a_changed_key_names_its_line(file: Path) -> None:
    file.write_text(f"# one\nweb1 {OTHER}\n")
    with pytest.raises(HostKeyRejected, match=f"{file}:2"):
        judge(settings(file), KEY)


def test_storing(file: Path) -> None:
    store(settings(file, port=2222), KEY)
    assert file.read_text() == f"[web1]:2222 {KEY}\n"
    with pytest.raises(HostKeyRejected, match="changed"):
        store(settings(file, port=2222), OTHER)


def test_storing_where_nothing_can_be_written(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    file.mkdir()
    store(settings(file), KEY)
    assert "cannot store the host key of web1:22" in caplog.text
