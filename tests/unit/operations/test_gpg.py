"""gpg.key and gpg.dearmor: what is written, and what is refused."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from ropewalk.facts.files import Directory, File, Link
from ropewalk.facts.key_files import IsDearmored, KeyFile, OfferedKeyFile
from ropewalk.facts.keyrings import Keyrings, OfferedKeys
from ropewalk.facts.openpgp import armor, fingerprint, keys_in
from ropewalk.model.command import Change, Upload, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import gpg
from ropewalk.testing import evaluate


def key(number):
    """Return a public key packet (RFC 9580, 5.5.2), its content made up, and its fingerprint."""
    body = bytes([4, 0, 0, 0, number, 22]) + bytes(40)
    return bytes([0xC6, len(body)]) + body, fingerprint(body)


(A, ID_A), (B, ID_B) = key(1), key(2)
DEST = "/k/r.gpg"
INFO = {"mode": 644, "user": "root", "group": "root"}


def run(before=None, offered=A, info=INFO, **kwargs):
    facts = {
        File: None if before is None else info, KeyFile: before, OfferedKeyFile: offered, Directory: {"mode": 755},
        OfferedKeys: keys_in(offered) if offered else {},
    }  # fmt: skip
    return evaluate(gpg.key, facts=facts, **{"dest": DEST, **kwargs})


def added(*ids):
    return [Change(f"key {one}", None, "there") for one in ids]


@pytest.mark.parametrize(
    ("before", "offered", "kwargs", "steps"),
    [
        (None, A, {"src": "/a"}, [*added(ID_A), Upload(A, DEST, mode="644")]),
        (None, armor([A]), {"src": "/a"}, [*added(ID_A), Upload(A, DEST, mode="644")]),
        (None, armor([A]), {"src": "/a", "dearmor": False}, [*added(ID_A), Upload(armor([A]), DEST, mode="644")]),
        (None, A + B, {"src": "/a", "keyid": [ID_B, f"0x{ID_A[-16:].lower()}"], "mode": 600},
         [*added(ID_A, ID_B), Upload(A + B, DEST, mode="600")]),
        (A, A, {"src": "/a"}, []),
        (A, A + B, {"src": "/a"}, [*added(ID_B), Upload(A + B, DEST, mode="644")]),
        (A, A, {"src": "/a", "mode": "0600"}, [Change("mode", "644", "600"), sh("chmod", "600", DEST)]),
        (armor([A]), A, {"src": "/a"}, [Upload(A, DEST, mode="644")]),
        (None, A + B, {"keyserver": "k.example", "keyid": ID_B}, [*added(ID_B), Upload(B, DEST, mode="644")]),
        (None, B, {"keyserver": "k.example", "keyid": ID_B, "dearmor": False},
         [*added(ID_B), Upload(armor([B]), DEST, mode="644")]),
    ],
)  # fmt: skip
def test_a_keyring_is_written(before, offered, kwargs, steps):
    done = run(before, offered, **kwargs)
    assert done.steps == steps
    assert bool(done.noop) == (not steps)


@pytest.mark.parametrize(
    "kwargs", [{"src": "https://x/y"}, {"src": "https://x/y", "keyid": ID_A}, {"keyserver": "k", "keyid": ID_A}]
)
def test_the_network_is_asked_only_for_what_is_missing(kwargs):
    done = run(A, B, **kwargs)
    assert (done.steps, done.noop) == ([], f"the keys are in {DEST}")
    assert OfferedKeyFile not in done.asked
    assert OfferedKeys not in done.asked


def test_the_directory_of_a_keyring_is_made():
    facts = {File: None, KeyFile: None, OfferedKeyFile: A, Directory: None}
    assert evaluate(gpg.key, "/a", "/new/r.gpg", facts=facts).steps[0] == sh("mkdir", "-p", "/new")


@pytest.mark.parametrize(
    ("offered", "kwargs", "message"),
    [
        (b"<html>", {"src": "/a"}, "/a does not offer an OpenPGP key"),
        (b"", {"src": "/a"}, "/a does not offer an OpenPGP key"),
        (A, {"src": "/a", "keyid": ID_B}, f"/a does not offer the key {ID_B}"),
        (A, {"keyserver": "k", "keyid": ID_B}, f"k does not offer the key {ID_B}"),
    ],
)
def test_sources_that_do_not_hold_the_key(offered, kwargs, message):
    facts = {File: None, OfferedKeyFile: offered, OfferedKeys: keys_in(A)}
    with pytest.raises(OperationError, match=message):
        evaluate(gpg.key, dest=DEST, facts=facts, **kwargs)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"src": "/a"},
        {"dest": DEST},
        {"dest": DEST, "src": "/a", "keyserver": "k", "keyid": ID_A},
        {"dest": DEST, "keyserver": "k"},
        {"dest": DEST, "src": "/a", "keyid": "nonsense"},
        {"dest": DEST, "src": "/a", "mode": "x"},
        {"dest": DEST, "src": "/a", "working_dirs": ["/k"]},
        {"present": False},
        {"present": False, "keyid": ID_A},
        {"present": False, "working_dirs": ["/k"]},
    ],
)
def test_calls_that_make_no_sense(kwargs):
    with pytest.raises(OperationValueError):
        evaluate(gpg.key, facts={File: None}, **kwargs)


def test_something_else_is_at_the_destination():
    for operation, arguments in ((gpg.key, ("/a", "/k")), (gpg.dearmor, ("/a", "/k"))):
        with pytest.raises(OperationError, match="not a file"):
            evaluate(operation, *arguments, facts={File: False, Link: None, Directory: {"mode": 755}})


def gone(one):
    return Change(f"key {one}", "there", None)


@pytest.mark.parametrize(
    ("before", "kwargs", "steps"),
    [
        (A + B, {"keyid": ID_A}, [gone(ID_A), Upload(B, DEST)]),
        (A, {"keyid": ID_A}, [gone(ID_A), sh("rm", "-f", "--", DEST)]),
        (A, {"keyid": ID_B}, []),
        (None, {"keyid": ID_A}, []),
        (A, {}, [gone(ID_A), sh("rm", "-f", "--", DEST)]),
        (b"<html>", {}, [sh("rm", "-f", "--", DEST)]),
        (None, {}, []),
    ],
)
def test_keys_are_removed(before, kwargs, steps):
    done = evaluate(gpg.key, dest=DEST, present=False, facts={KeyFile: before}, **kwargs)
    assert done.steps == steps
    assert bool(done.noop) == (not steps)


def test_keys_are_removed_from_all_keyrings_of_directories():
    keyrings = {"/k/1.gpg": keys_in(A + B), "/k/2.asc": keys_in(A + B), "/k/3.gpg": keys_in(A), "/k/4.gpg": keys_in(B)}
    done = evaluate(gpg.key, keyid=ID_A, working_dirs=["/k"], present=False, facts={Keyrings: keyrings})
    assert [step for step in done.steps if not isinstance(step, Change)] == [
        Upload(B, "/k/1.gpg"), Upload(armor([B]), "/k/2.asc"), sh("rm", "-f", "--", "/k/3.gpg"),
    ]  # fmt: skip


def test_a_keybox_is_not_taken_for_a_keyring_without_the_key():
    with pytest.raises(OperationError, match="is not a file of OpenPGP keys"):
        evaluate(gpg.key, dest=DEST, keyid=ID_A, present=False, facts={KeyFile: b"\0\0\0\x20KBXf"})


def test_dearmor_says_what_it_needs():
    with pytest.raises(OperationError, match="gpg is not installed"):
        evaluate(gpg.dearmor, "/a", "/b", facts={File: None, IsDearmored: None})


@pytest.mark.skipif(not shutil.which("gpg"), reason="needs gpg")
def test_dearmor(here, host):
    (host / "it's a.asc").write_bytes(armor([A]))
    done = here.converge(gpg.dearmor, "it's a.asc", "-sub dir/a b.gpg", mode="0640")
    assert (host / "-sub dir" / "a b.gpg").read_bytes() == A
    assert len(done.steps) == 2
    assert oct((host / "-sub dir" / "a b.gpg").stat().st_mode)[-3:] == "640"
    [change, command] = here.converge(gpg.dearmor, "it's a.asc", "-sub dir/a b.gpg").steps
    assert (change, str(command)[:5]) == (Change("mode", "640", "644"), "chmod")
    (host / "it's a.asc").write_bytes(armor([B]))
    here.converge(gpg.dearmor, "it's a.asc", "-sub dir/a b.gpg")
    assert (host / "-sub dir" / "a b.gpg").read_bytes() == B


@pytest.mark.skipif(not shutil.which("gpg"), reason="needs gpg")
def test_dearmor_leaves_nothing_when_it_fails(here, host):
    (host / "a.asc").write_text("not OpenPGP")
    facts = {File: None, IsDearmored: False, Directory: {"mode": 755}}
    [command] = evaluate(gpg.dearmor, "a.asc", "a.gpg", facts=facts).steps
    done = subprocess.run(["sh", "-c", str(command)], cwd=host, capture_output=True, check=False)
    assert done.returncode != 0
    assert [path.name for path in host.iterdir()] == ["a.asc"]


def test_files_are_read_as_they_are(here, host):
    (host / "it's").write_bytes(b"\0\xff")
    assert here.get_fact(KeyFile, ("it's",), {}) == here.get_fact(OfferedKeyFile, ("it's",), {}) == b"\0\xff"
    (host / "empty").write_bytes(b"")
    assert here.get_fact(KeyFile, ("empty",), {}) == b""
    assert here.get_fact(KeyFile, ("missing",), {}) is None
