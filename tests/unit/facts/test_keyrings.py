"""OpenPGP keys: split, named and written as gpg does, and read from files and URLs by one command."""

from __future__ import annotations

import base64
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.facts.keyrings import Keyrings, OfferedKeys
from ropewalk.facts.openpgp import NotAKeyring, armor, identifiers, keys_in
from ropewalk.model.errors import FactProcessError

# Made by `gpg --quick-gen-key one@example.org ed25519`, exported with --export-options export-minimal; the
# fingerprints are what `gpg --show-keys --with-subkey-fingerprint` prints.
ONE_ID, ONE_SUBKEY = "95C84FB7C23F6C72C950E27592460776666C7A73", "717A3DAD998505C89A59840B8C2A6FF16A1E35C0"
TWO_ID = "A5761C804930A3CBCB911287F85890CCFC1F9137"
ONE = base64.b64decode(
    "mDMEawR+KhYJKwYBBAHaRw8BAQdAbxYsu07hlf1EMFWiTfL1VLSx1C5U/PxRU7Pn702idd20FU9uZSA8b25lQGV4YW1wbGUub3Jn"
    "PoiQBBMWCAA4FiEElchPt8I/bHLJUOJ1kkYHdmZsenMFAmsEfioCGwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQkkYHdmZs"
    "enNj9wD8DpXcRNvgsSYaORfstWuNlICPJfmG2d+qb0k8aFjf3o0A/0za1kqDvO42uUzG5S3PGbXgrisKPjH4SWpVesC5yYkOuDgE"
    "awR+KhIKKwYBBAGXVQEFAQEHQBAsVU6tdSgQsioOuzAMmB2TcgkQUkYfUT3CuBBHsdcBAwEIB4h4BBgWCAAgFiEElchPt8I/bHLJ"
    "UOJ1kkYHdmZsenMFAmsEfioCGwwACgkQkkYHdmZsenMeIgEAyvrgHzhrMIZpefWm57sC5zWvXTyWlZ0OYMDnP4dJMDIA/1AGqcPL"
    "s4DyLAMMzma7ZtgZR04Rb6dr5mUW0jZcVbgH"
)
TWO_ARMORED = b"""\
-----BEGIN PGP PUBLIC KEY BLOCK-----

mI0EawR+KgEEAK7XDVhRPrUgnI2sHDLChLIMi9qKOQXIjwtoyUMfYTUfBflFu+Sm
GtXlYEadsVjDcReiqrKX+UWjcTI6natbkhhO5JIZF+avyL4Zb9qFW/8SEYSR9sB5
FBXU1hMxSAHiAouGZsxRa+44sO8q65X/uFG0jwV4nGgjMWi4oEZEfXtXABEBAAG0
FVR3byA8dHdvQGV4YW1wbGUub3JnPojOBBMBCgA4FiEEpXYcgEkwo8vLkRKH+FiQ
zPwfkTcFAmsEfioCGwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQ+FiQzPwf
kTctSAP6Ah+y5bBzdoZ8FNB8sHC6VlIouE1Q7kIn5f7Gfe5aMtmfgDoGpA3YHzkR
ZF7WP0JRHCpX6IJhe4f3BtC/eW44PtFTjp6VgsC2cndE4//i+AB3+0Jj2dx06+dK
e/FZmm+MvL1b+CeHy/Db9bQU3YZhFq9aF7Ixh00O+enOhZbWhCw=
=jlif
-----END PGP PUBLIC KEY BLOCK-----
"""


def test_a_binary_key():
    assert keys_in(ONE) == {ONE_ID: ONE}
    assert identifiers(ONE) == {ONE_ID, ONE_SUBKEY}


def test_an_armored_key():
    ((name, key),) = keys_in(TWO_ARMORED).items()
    assert name == TWO_ID
    assert key.startswith((b"\x98", b"\x99", b"\xc6"))


def test_several_keys_and_blocks():
    two = keys_in(TWO_ARMORED)[TWO_ID]
    both = {ONE_ID: ONE, TWO_ID: two}
    assert keys_in(ONE + two) == both
    assert keys_in(armor([ONE]) + b"\n" + TWO_ARMORED) == both
    assert keys_in(b"some words\r\n" + armor([ONE, two]).replace(b"\n", b"\r\n")) == both


def test_nothing_is_no_keys():
    assert keys_in(b"") == {}


@pytest.mark.parametrize(
    "data",
    [b"<html>404</html>", b"\x99", b"\x98\x40abc", ONE[:-1], ONE[40:], b"\xd1\x01a", b"\x9b", b"\xff" * 9,
     TWO_ARMORED.replace(b"\n\n", b"\n\n!!!")],
)  # fmt: skip
def test_what_is_no_key_is_an_error(data):
    with pytest.raises(NotAKeyring):
        keys_in(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_keys_or_an_error(data):
    try:
        keys_in(data)
    except NotAKeyring:
        pass


@pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed")
def test_gpg_reads_what_is_written(tmp_path):
    shown = subprocess.run(
        ["gpg", "--homedir", str(tmp_path), "--show-keys", "--with-colons"],
        input=armor([ONE, keys_in(TWO_ARMORED)[TWO_ID]]), capture_output=True, check=True,
    )  # fmt: skip
    fingerprints = {line.split(":")[9] for line in shown.stdout.decode().splitlines() if line.startswith("fpr")}
    assert fingerprints >= {ONE_ID, ONE_SUBKEY, TWO_ID}


def read(fact, shell="sh", **arguments):
    command = fact.command(**arguments).render()
    done = subprocess.run([shell, "-c", command], capture_output=True, text=True, check=True)
    return fact.process(done.stdout.splitlines()) if done.stdout else fact.default()


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_keyrings(tmp_path, shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    place = tmp_path / "a b'$(x)*["
    place.mkdir()
    (place / "one.gpg").write_bytes(ONE)
    (place / "two.asc").write_bytes(TWO_ARMORED)
    (place / "empty.gpg").write_bytes(b"")
    (place / "junk.gpg").write_bytes(b"junk")
    (place / "README").write_bytes(ONE)
    expected = {
        str(place / "one.gpg"): {ONE_ID: ONE},
        str(place / "two.asc"): keys_in(TWO_ARMORED),
        str(place / "empty.gpg"): {},
        str(place / "junk.gpg"): {},
    }
    shell_command = ["busybox", "sh"] if shell == "busybox" else [shell]
    command = Keyrings().command(paths=[str(place), str(place / "README"), str(tmp_path / "none")]).render()
    done = subprocess.run([*shell_command, "-c", command], capture_output=True, text=True, check=True)
    assert Keyrings().process(done.stdout.splitlines()) == {**expected, str(place / "README"): {ONE_ID: ONE}}


def test_no_keyrings(tmp_path):
    assert read(Keyrings(), paths=[str(tmp_path / "none")]) == {}


@pytest.mark.parametrize("name", ["key", "a b", "-k", "it's $(id)"])
def test_a_file_offers_keys(tmp_path, name):
    (tmp_path / name).write_bytes(TWO_ARMORED)
    assert read(OfferedKeys(), source=str(tmp_path / name)) == keys_in(TWO_ARMORED)


def test_a_file_that_is_not_there_is_a_failed_command(tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        read(OfferedKeys(), source=str(tmp_path / "none"))


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_a_url_offers_keys(tmp_path):
    (tmp_path / "key").write_bytes(ONE)
    assert read(OfferedKeys(), source=f"file://{tmp_path}/key") == {ONE_ID: ONE}
    with pytest.raises(subprocess.CalledProcessError):
        read(OfferedKeys(), source=f"file://{tmp_path}/none")


@pytest.mark.parametrize("content", [b"", b"<html>Not found</html>"])
def test_what_is_no_key_is_not_offered(content):
    with pytest.raises(FactProcessError, match="not an OpenPGP key"):
        OfferedKeys().process(base64.encodebytes(content).decode().splitlines())


def test_an_empty_file_offers_nothing(tmp_path):
    (tmp_path / "key").touch()
    assert read(OfferedKeys(), source=str(tmp_path / "key")) == {}
