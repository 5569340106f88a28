"""apt.key: which keys end up in which keyring."""

from __future__ import annotations

import io
import struct

import pytest

from ropewalk.facts.keyrings import Keyrings, OfferedKeys
from ropewalk.facts.openpgp import armor, keys_in
from ropewalk.model.command import Change, Upload, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import apt
from ropewalk.operations.apt.keys import default_name, keyring_path, keyserver_url, normal_ids
from ropewalk.testing import evaluate, fact_key


def _key(content):
    """Return a key that is a key in form only: its packet of version 4 holds some bytes."""
    body = b"\x04" + content
    return b"\x99" + struct.pack(">H", len(body)) + body


ONE, TWO = (next(iter(keys_in(_key(name)).items())) for name in (b"one", b"two"))
BOTH = dict([ONE, TWO])
PATH = "/etc/apt/keyrings/k.gpg"
URL = "https://example.org/k.asc"
MADE = sh("mkdir", "-p", "-m", "755", "/etc/apt/keyrings")


def key(have=None, offered=None, **how):
    facts = {Keyrings: {} if have is None else {PATH: have}, OfferedKeys: dict([ONE] if offered is None else offered)}
    return evaluate(apt.key, facts=facts, **{"dest": "k.gpg", **how})


def trusted(*keys):
    return [Change(f"key {name}", None, "trusted") for name, _ in keys]


def lost(*keys):
    return [Change(f"key {name}", "trusted", None) for name, _ in keys]


@pytest.mark.parametrize("src", [URL, "/root/k.asc", io.BytesIO(ONE[1]), io.BytesIO(armor([ONE[1]])),
                                 io.StringIO(armor([ONE[1]]).decode())])  # fmt: skip
def test_a_new_keyring(src):
    assert key(src=src).steps == [MADE, *trusted(ONE), Upload(ONE[1], PATH, mode="644")]
    assert key({ONE[0]: ONE[1]}, src=src).steps == []


def test_an_armored_keyring():
    done = evaluate(apt.key, src=URL, dest="k.asc", facts={Keyrings: {}, OfferedKeys: BOTH})
    assert done.steps[-1] == Upload(armor(BOTH.values()), "/etc/apt/keyrings/k.asc", mode="644")
    assert keys_in(done.steps[-1].source) == BOTH


def test_a_url_is_not_read_while_its_key_is_there():
    assert key({TWO[0]: TWO[1]}, src=URL).asked == [Keyrings]
    assert key({TWO[0]: TWO[1]}, src=URL, keyid=TWO[0]).asked == [Keyrings]
    assert key({TWO[0]: TWO[1]}, src=URL, keyid=ONE[0]).asked == [Keyrings, OfferedKeys]


def test_a_file_on_the_host_is_compared():
    assert key({TWO[0]: TWO[1]}, src="/k").steps == [*lost(TWO), *trusted(ONE), Upload(ONE[1], PATH, mode="644")]


def test_a_keyring_without_keys_is_replaced():
    assert key({}, src=URL).steps == [*trusted(ONE), Upload(ONE[1], PATH, mode="644")]


@pytest.mark.parametrize("keyid", [ONE[0], f"0x{ONE[0][-16:]}", ONE[0][-8:].lower(), [ONE[0]]])
def test_key_ids(keyid):
    assert key({ONE[0]: ONE[1]}, src=URL, keyid=keyid).steps == []
    with pytest.raises(OperationError, match="does not offer the key"):
        key(src=URL, keyid=keyid, offered=[TWO])


@pytest.mark.parametrize("src", ["/k", io.BytesIO(b""), io.BytesIO(b"<html>")])
def test_what_offers_no_key_is_an_error(src):
    with pytest.raises(OperationError, match="not an OpenPGP key"):
        key(src=src, offered=[])


def test_a_key_server():
    facts = {Keyrings: {}}
    for name, packet in (ONE, TWO):  # the server may send other keys too: they are not trusted
        source = f"https://keys.example.org/pks/lookup?op=get&options=mr&search=0x{name}"
        facts[fact_key(OfferedKeys, source=source)] = {name: packet, "F" * 40: _key(b"other")}
    done = evaluate(apt.key, keyserver="hkps://keys.example.org", keyid=[ONE[0], TWO[0]], dest=PATH, facts=facts)
    assert done.steps == [MADE, *trusted(ONE, TWO), Upload(ONE[1] + TWO[1], PATH, mode="644")]


def test_a_key_server_with_another_key():
    with pytest.raises(OperationError, match=f"keys.example.org does not offer the key {TWO[0]}"):
        key(keyserver="keys.example.org", keyid=TWO[0])


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"keyid": ONE[0]},
        {"keyserver": "k"},
        {"src": URL, "keyserver": "k", "keyid": ONE[0]},
        {"src": URL, "keyid": "x"},
        {"src": URL, "keyid": "--help"},
        {"src": URL, "dest": "a/b"},
        {"src": URL, "dest": "/a/"},
        {"src": URL, "dest": ".."},
        {"src": io.BytesIO(b""), "dest": None},
        {"present": False, "dest": None},
    ],
)
def test_what_makes_no_sense_is_refused(how):
    with pytest.raises(OperationValueError):
        key(**how)


def test_a_keyring_is_removed():
    assert key(BOTH, present=False).steps == [*lost(ONE, TWO), sh("rm", "-f", "--", PATH)]
    assert key({}, present=False).steps == [sh("rm", "-f", "--", PATH)]
    assert key(None, present=False).noop == "there is no such key"
    at = {Keyrings: {"/etc/apt/keyrings/example.org-k.gpg": BOTH}}
    assert evaluate(apt.key, src=URL, present=False, facts=at).steps[-1].words[-1].endswith("/example.org-k.gpg")


def test_a_key_is_removed():
    assert key(BOTH, keyid=ONE[0], present=False).steps == [*lost(ONE), Upload(TWO[1], PATH, mode="644")]
    assert key({ONE[0]: ONE[1]}, keyid=ONE[0], present=False).steps == [*lost(ONE), sh("rm", "-f", "--", PATH)]
    assert key({TWO[0]: TWO[1]}, keyid=ONE[0], present=False).steps == []


def test_a_key_is_removed_everywhere():
    places = {"/etc/apt/trusted.gpg.d/a.asc": BOTH, "/usr/share/keyrings/b.gpg": {TWO[0]: TWO[1]}}
    asked = fact_key(Keyrings, paths=["/etc/apt/trusted.gpg.d", "/etc/apt/keyrings", "/usr/share/keyrings"])
    done = evaluate(apt.key, keyid=ONE[0], present=False, facts={asked: places})
    assert done.steps == [*lost(ONE), Upload(armor([TWO[1]]), "/etc/apt/trusted.gpg.d/a.asc", mode="644")]


@pytest.mark.parametrize(
    ("src", "keyid", "name"),
    [
        ("https://example.org/my repo.key?x=1", None, "example.org-my_repo.key.gpg"),
        ("https://example.org/keys/", None, "example.org-keys.gpg"),
        ("/root/a b.asc", None, "a_b.gpg"),
        (None, "0xABCD1234", "keyserver-0xabcd1234.gpg"),
        (None, ["ABCD1234", "DCBA4321"], "keyserver-abcd1234-dcba4321.gpg"),
    ],
)
def test_names_of_keyrings(src, keyid, name):
    assert default_name(src, keyid) == name


def test_paths_of_keyrings():
    assert keyring_path("a.gpg") == "/etc/apt/keyrings/a.gpg"
    assert keyring_path("/usr/share/keyrings/a.gpg") == "/usr/share/keyrings/a.gpg"


def test_fingerprints_may_be_written_in_groups():
    assert normal_ids("ABCD 1234 ABCD 1234") == ["ABCD1234ABCD1234"]


@pytest.mark.parametrize(
    ("server", "start"),
    [("k.example", "https://k.example/"), ("hkp://k", "http://k:11371/"), ("hkp://k:80", "http://k:80/"),
     ("hkps://k:443/", "https://k:443/"), ("http://k", "http://k/")],
)  # fmt: skip
def test_key_servers(server, start):
    assert keyserver_url(server, "AB").startswith(start + "pks/lookup?")


@pytest.mark.parametrize("server", ["ldap://k", "", "k;id", "k/$(id)", "-k x"])
def test_what_is_no_key_server_is_refused(server):
    with pytest.raises(OperationValueError):
        keyserver_url(server, "AB")
