"""Operations on files and facts about a server where every tool is one of BusyBox, as on Alpine and small devices."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

import support.box
from ropewalk.facts import files as file_facts
from ropewalk.facts import server as server_facts
from ropewalk.model.errors import FactError, OperationError
from ropewalk.operations import crontab, files, server
from support.box import Box, why_not
from support.hostile import HOSTILE, NAMES

pytestmark = [pytest.mark.root, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]

ROOT = """
command -v busybox >/dev/null || { echo needs busybox; exit; }
mkdir -p bin sbin usr/bin usr/sbin etc proc sys dev run tmp root home var/spool/cron/crontabs srv
cp "$(command -v busybox)" bin/busybox
for file in $(ldd bin/busybox 2>/dev/null | grep -o '/[^ ]*'); do mkdir -p ".${file%/*}"; cp "$file" ".$file"; done
chroot . /bin/busybox --install -s || { echo cannot run busybox in a root of its own; exit; }
printf 'root:x:0:0:root:/root:/bin/sh\\nann:x:1000:1000:Ann:/home:/bin/sh\\n' >etc/passwd
printf 'root:x:0:\\nstaff:x:1000:ann\\n' >etc/group
printf 'root::10933:0:99999:7:::\\n' >etc/shadow
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    root = tmp_path_factory.mktemp("busybox")
    said = subprocess.run(["sh", "-ec", ROOT], cwd=root, capture_output=True, text=True, check=True).stdout.strip()
    if said:
        pytest.skip(said)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(support.box, "ROOT", str(root))
        made = Box()
    yield made
    made.close()


@pytest.fixture
def place(box: Box) -> str:
    box.sh("rm -rf /srv/place && mkdir -p /srv/place/to")
    return "/srv/place"


def look(box: Box, path: str) -> str:
    """Return mode, owner and group of what is at a path."""
    return box.sh("stat -c '%a %U %G' -- " + _quoted(path)).strip()


def text(box: Box, path: str) -> str:
    return box.sh("cat -- " + _quoted(path))


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "'\\''") + "'"


@pytest.mark.parametrize("name", NAMES)
def test_names(box: Box, place: str, name: str) -> None:
    """Everything works on names that shells and tools would rather take for something else."""
    path = f"{place}/{name}"
    box.converge(files.put, name.encode(), path, mode="640", user="ann", group="staff")
    assert (text(box, path), look(box, path)) == (name, "640 ann staff")
    box.converge(files.line, path, "first\\.", replace="other")
    box.converge(files.line, path, name, escape_regex_characters=True)
    box.converge(files.replace, path, text="other", replace="an\\&else")
    marker = "# {mark} " + name.replace("{", "{{").replace("}", "}}")
    box.converge(files.block, path, content=[name, "two"], marker=marker)
    assert look(box, path) == "640 ann staff", "edited in place"
    box.converge(files.block, path, present=False, marker=marker)
    box.converge(files.copy, path, f"{place}/to")
    box.apply(files.move, path, f"{place}/to", overwrite=True)
    assert text(box, f"{place}/to/{name}").splitlines()[-1:] == ["an&else"]
    assert box.status(f"test -e {_quoted(path)}")
    box.converge(files.directory, f"{path}/below", mode="2750", user="ann")
    assert look(box, f"{path}/below") == "2750 ann root"
    box.converge(files.file, f"{path}/below/{name}", mode="u=rw,go=", group="staff")
    assert look(box, f"{path}/below/{name}") == "600 root staff"
    box.converge(files.link, f"{path}/link", target=f"below/{name}")
    assert box.sh(f"readlink {_quoted(path)}/link").strip() == f"below/{name}"
    found = set(box.fact(file_facts.FindFiles, place))
    assert {f"{path}/below/{name}", f"{place}/to/{name}"} <= found
    box.converge(files.link, f"{path}/link", present=False)
    box.converge(files.directory, path, present=False)


@pytest.mark.parametrize("word", HOSTILE)
def test_lines(box: Box, place: str, word: str) -> None:
    path = f"{place}/f"
    box.sh(f"printf 'a\\n' >{path}")
    box.converge(files.line, path, word, escape_regex_characters=True)
    assert text(box, path) == f"a\n{word}\n"
    box.converge(files.line, path, word, present=False, escape_regex_characters=True)
    assert text(box, path) == "a\n"
    box.converge(files.block, path, content=word, line="a", before=True, try_prevent_shell_expansion=True)
    assert text(box, path).splitlines()[1] == word


def test_backups(box: Box, place: str) -> None:
    path = f"{place}/f"
    box.sh(f"printf 'a\\nb\\n' >{path} && chown ann:staff {path} && chmod 604 {path}")
    box.apply(files.replace, path, text="a", replace="c", backup=True)
    box.apply(files.line, path, "b", replace="d", backup=True)
    backups = box.sh(f"ls {place}").split()
    assert len(backups) >= 3
    assert look(box, path) == "604 ann staff"


def test_edits_keep_the_owner(box: Box, place: str) -> None:
    """Who may write to a file and its directory, but not give files away, must not become the owner."""
    path = f"{place}/f"
    box.sh(f"printf 'a\\n' >{path} && chmod 666 {path} && chown ann:staff {place} && chmod 777 {place}")
    [_, command] = box.evaluate(files.line, path, "a", replace="b").steps
    nsenter, *words = box.words("sh", "-c", str(command))
    subprocess.run([nsenter, "-S", "1000", "-G", "1000", *words], check=True)
    assert (text(box, path), look(box, path)) == ("b\n", "666 root root")
    assert box.sh(f"ls -A {place}").split() == ["f", "to"]


def test_times_and_trees(box: Box, place: str) -> None:
    box.converge(files.put, b"x", f"{place}/t", mtime=1_000_000_000, atime=1_100_000_000)
    info = box.fact(file_facts.File, f"{place}/t")
    assert info["mtime"].timestamp() == 1_000_000_000 or info["mtime"].year == 2001
    box.sh(f"cd {place} && mkdir -p d/e && touch d/e/f")
    box.converge(files.directory, f"{place}/d", user="ann", group="staff", mode="750", recursive=True)
    assert look(box, f"{place}/d/e/f") == "750 ann staff"
    box.converge(files.copy, f"{place}/d", f"{place}/to")
    assert text(box, f"{place}/to/d/e/f") == ""


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tgz", "zip"])
def test_archives(box: Box, place: str, kind: str) -> None:
    if kind == "zip":
        box.write(f"{place}/a.zip.b64", _ZIP)
        box.sh(f"cd {place} && base64 -d a.zip.b64 >'an a.zip'")
    else:
        box.sh(
            f"cd {place} && echo in >inner && tar -{'c' if kind == 'tar' else 'cz'}f 'an a.{kind}' inner && rm inner"
        )
    box.sh(f"mkdir {place}/out")
    box.converge(files.unarchive, f"{place}/an a.{kind}", f"{place}/out", remote_src=True, creates=f"{place}/out/inner")
    assert text(box, f"{place}/out/inner") == "in\n"


#: One file named ``inner``, stored: in base64.
_ZIP = (
    "UEsDBBQAAAAAAAAAIVqKhuyjAwAAAAMAAAAFAAAAaW5uZXJpbgpQSwECFAMUAAAAAAAAACFaiobsowMAAAADAAAABQAAAAAAAAAAAAAApAEAAA"
    "AAaW5uZXJQSwUGAAAAAAEAAQAzAAAAJgAAAAAA"
)


@pytest.fixture(scope="module")
def site(box: Box) -> str:
    """A server inside; it listens before its command returns."""
    box.sh("mkdir -p /srv/site && echo content >/srv/site/it && busybox httpd -p 127.0.0.1:8099 -h /srv/site")
    return "http://127.0.0.1:8099"


@pytest.mark.parametrize("digest", ["md5sum", "sha1sum", "sha256sum"])
def test_downloads(box: Box, place: str, site: str, digest: str) -> None:
    wanted = box.sh(f"{digest} /srv/site/it").split()[0]
    given: dict[str, Any] = {digest: wanted, "mode": "600", "user": "ann"}
    box.converge(files.download, f"{site}/it", f"{place}/got 'it'", **given)
    assert look(box, f"{place}/got 'it'") == "600 ann root"
    box.sh(f"echo spoilt >\"{place}/got 'it'\"")
    box.converge(files.download, f"{site}/it", f"{place}/got 'it'", **given)
    with pytest.raises(AssertionError):
        box.apply(files.download, f"{site}/none", f"{place}/none")
    assert box.status(f"test -e {place}/none")
    with pytest.raises(AssertionError):
        box.apply(files.download, f"{site}/it", f"{place}/wrong", **{digest: "0" * len(wanted)})
    assert box.status(f"test -e {place}/wrong"), "what is not what was asked for is not there"


def test_the_server(box: Box) -> None:
    assert box.fact(server_facts.Users)["ann"]["groups"] == ["staff"] or box.fact(server_facts.Users)["ann"]["group"]
    assert box.fact(server_facts.Hostname)
    assert box.fact(server_facts.Processes)[1]["command"]
    assert "/" in box.fact(server_facts.Mounts)
    assert box.fact(server_facts.Which, "sh") == "/bin/sh"
    assert box.fact(server_facts.Which, "no-such-program") is None
    assert box.fact(server_facts.Sysctl, keys=["kernel.hostname"])
    assert box.fact(server_facts.Home, "ann") == "/home"
    assert box.fact(server_facts.Date).year > 2000
    assert box.fact(server_facts.LoadAverage)["1"] >= 0
    assert {port["port"] for port in box.fact(server_facts.Ports)} <= {8099}


def test_settings_of_the_server(box: Box) -> None:
    box.converge(server.hostname, "small")
    box.converge(server.etc_hosts, "10.0.0.1", ["db", "db.internal"])
    box.converge(server.sysctl, "net.ipv4.ip_forward", 1, persist=True)
    assert text(box, "/proc/sys/net/ipv4/ip_forward") == "1\n"
    box.sh("mkdir -p '/mnt/a b'")
    box.converge(server.mount, "/mnt/a b", device="none", fs_type="tmpfs", options=["size=64k"])
    box.converge(server.mount, "/mnt/a b", options=["ro"])
    box.converge(server.mount, "/mnt/a b", mounted=False)
    box.converge(server.user_authorized_keys, "ann", "ssh-ed25519 AAAA ann@desk", authorized_key_directory="/srv/keys")
    assert look(box, "/srv/keys/authorized_keys").startswith("600 ann ")


def test_crontabs(box: Box) -> None:
    box.needs("crontab")  # Debian builds BusyBox without it
    for number, word in enumerate(HOSTILE):
        box.converge(crontab.crontab, word, cron_name=f"job {number}", minute=number)
    box.converge(crontab.crontab, HOSTILE[3], cron_name="job 3", present=False)
    assert box.sh("crontab -l").count("pyinfra-name") == len(HOSTILE) - 1


def test_what_is_missing_is_said(box: Box) -> None:
    with pytest.raises(OperationError, match="useradd"):
        box.evaluate(server.user, "new")
    with pytest.raises(FactError, match="sha384"):
        box.fact(file_facts.Sha384File, "/etc/passwd")
