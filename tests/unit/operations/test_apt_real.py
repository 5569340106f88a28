"""apt and dpkg for real: in a box, with a repository of tiny packages that is signed with a key of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ropewalk.facts.apt import AptKeys, AptSources
from ropewalk.facts.deb import DebPackage, DebPackages
from ropewalk.model.command import Change, Shell
from ropewalk.model.errors import FactError, OperationError
from ropewalk.operations import apt
from support import package_repositories as repositories
from support.box import Box, CommandFailed, why_not

pytestmark = [pytest.mark.root, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]

KEYRING = "/etc/apt/keyrings/th.gpg"
LINE = f"deb [signed-by={KEYRING}] file:///srv/deb stable main"


@pytest.fixture
def box() -> Iterator[Box]:
    made = Box()
    try:
        made.needs("apt-get", "dpkg-deb", "gpg", "sha256sum")
        repositories.deb(made, *repositories.PACKAGES)
        yield made
    finally:
        made.close()


@pytest.fixture
def apt_box(box: Box) -> Box:
    box.converge(apt.key, "/srv/th.asc", dest="th.gpg")
    box.converge(apt.repo, LINE, filename="th")
    box.apply(apt.update)
    return box


def changes(done):
    return [step for step in done.steps if isinstance(step, Change)]


def installed(box):
    return {name: versions for name, versions in box.fact(DebPackages).items() if name.startswith("th-")}


def test_packages_come_and_go(apt_box):
    done = apt_box.converge(apt.packages, ["th-app", "th-lib=1.0"])
    assert set(changes(done)) == {Change("th-lib", None, "1.0"), Change("th-app", None, "1.0")}
    assert installed(apt_box) == {"th-app": {"1.0"}, "th-lib": {"1.0"}}
    for there in ("virt-lib", "th-lib=1.*", "th-lib:all", "th-lib:all=1.0"):
        assert apt_box.evaluate(apt.packages, there).noop, there
    assert apt_box.evaluate(apt.packages, ["virt-lib", "th-lib:riscv64"], present=False).noop
    done = apt_box.converge(apt.packages, ["th-app", "th-lib"], latest=True)
    assert changes(done) == [Change("th-lib", "1.0", "2.0")]
    with pytest.raises(CommandFailed, match="downgrade"):
        apt_box.apply(apt.packages, "th-lib=1.0")
    apt_box.converge(apt.packages, "th-lib=1.0", allow_downgrades=True)
    done = apt_box.converge(apt.packages, "th-lib:all", present=False)
    assert set(changes(done)) == {Change("th-lib", "1.0", None), Change("th-app", "1.0", None)}
    assert installed(apt_box) == {}


def test_configuration_files_are_purged(apt_box):
    apt_box.converge(apt.packages, "th-app")
    apt_box.converge(apt.packages, "th-app", present=False)
    apt_box.sh("test -e /etc/th-app.conf")
    apt_box.converge(apt.packages, "th-app", present=False, purge=True)
    assert apt_box.status("test -e /etc/th-app.conf") == 1


def test_a_changed_configuration_file_is_kept(apt_box):
    apt_box.converge(apt.packages, "th-app")
    apt_box.sh("echo mine >/etc/th-app.conf")
    repositories.deb(apt_box, ("th-app", "3.0"))
    apt_box.converge(apt.key, "/srv/th.asc", dest="th.gpg")
    apt_box.converge(apt.repo, LINE, filename="th")
    done = apt_box.converge(apt.packages, "th-app", latest=True, update=True, cache_time=3600)
    assert changes(done) == [Change("th-app", "1.0", "3.0")]
    assert apt_box.sh("cat /etc/th-app.conf") == "mine\n"


@pytest.mark.parametrize("upgrade", [apt.upgrade, apt.dist_upgrade])
def test_upgrades(apt_box, upgrade):
    apt_box.sh("apt-mark hold $(dpkg-query -W -f '${Package} ') >/dev/null")
    assert apt_box.evaluate(upgrade).noop == "there is nothing to upgrade"
    apt_box.converge(apt.packages, "th-lib=1.0")
    assert changes(apt_box.converge(upgrade)) == [Change("th-lib", "1.0", "2.0")]


def test_what_is_no_longer_needed_goes(apt_box):
    apt_box.sh("apt-mark manual $(dpkg-query -W -f '${Package} ') >/dev/null")
    apt_box.converge(apt.packages, "th-app")
    apt_box.sh("dpkg --remove th-app")
    assert changes(apt_box.converge(apt.dist_upgrade, auto_remove=True)) == [Change("th-lib", "2.0", None)]


def test_what_does_not_exist_fails_when_it_is_installed(apt_box):
    done = apt_box.evaluate(apt.packages, "th-nix")
    assert changes(done) == [Change("th-nix", None, "installed")]
    with pytest.raises(CommandFailed, match="th-nix"):
        apt_box.apply(apt.packages, ["th-lib", "th-nix"])
    assert installed(apt_box) == {}  # apt does nothing by halves
    assert apt_box.evaluate(apt.packages, "th-nix", present=False).noop


def test_what_was_left_half_made_is_finished(apt_box):
    apt_box.sh("touch /srv/break")
    repositories.deb(apt_box, ("th-half", "1.0"))
    apt_box.converge(apt.repo, LINE, filename="th")
    apt_box.apply(apt.update)
    with pytest.raises(CommandFailed, match="th-half"):
        apt_box.apply(apt.packages, "th-half")
    assert installed(apt_box) == {}
    apt_box.sh("rm /srv/break")
    assert changes(apt_box.converge(apt.packages, "th-half")) == [Change("th-half", "not configured", "1.0")]
    assert installed(apt_box) == {"th-half": {"1.0"}}


def test_packages_on_hold(apt_box):
    apt_box.converge(apt.packages, "th-lib=1.0")
    apt_box.sh("apt-mark hold th-lib")
    assert apt_box.evaluate(apt.packages, "th-lib").noop
    with pytest.raises(CommandFailed, match="Held packages were changed"):
        apt_box.apply(apt.packages, "th-lib", latest=True)
    with pytest.raises(CommandFailed, match="Held packages were changed"):
        apt_box.apply(apt.packages, "th-lib", present=False)
    assert installed(apt_box) == {"th-lib": {"1.0"}}
    apt_box.converge(apt.packages, "th-lib", latest=True, force=True)
    assert installed(apt_box) == {"th-lib": {"2.0"}}


_HOLD = """
import fcntl, sys
with open(sys.argv[1], "a") as lock:
    fcntl.lockf(lock, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.readline()
    open("/srv/released", "w").close()
"""


@contextmanager
def holding(box, lock) -> Iterator[subprocess.Popen[bytes]]:
    """Hold a lock of apt, until a line is written to what is returned."""
    words = box.words("python3", "-c", _HOLD, lock)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        yield holder


def waits(box, holder, command, begins):
    """Run a command while a lock is held; let go when a line of its output begins as given. Return all output."""
    words = box.words("sh", "-c", command)
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as waiting:
        seen = []
        for line in waiting.stdout:
            seen.append(line)
            if line.startswith(begins) and not holder.stdin.closed:
                holder.stdin.close()
    return waiting.returncode, "".join(seen)


def test_another_one_that_installs_is_waited_for(apt_box):
    apt_box.needs("python3")
    with holding(apt_box, "/var/lib/dpkg/lock-frontend") as holder:
        [_, command] = apt_box.evaluate(apt.packages, "th-lib").steps
        status, output = waits(apt_box, holder, f"{command.render()}; test -e /srv/released", "Waiting")
        assert status == 0, output
    assert installed(apt_box) == {"th-lib": {"2.0"}}


def test_another_update_is_waited_for(apt_box):
    apt_box.needs("python3")
    with holding(apt_box, "/var/lib/apt/lists/lock") as holder:
        [wait, update] = apt_box.evaluate(apt.update).steps
        with pytest.raises(CommandFailed, match="Could not get lock"):
            apt_box.sh(update.render())
        command = f"echo begins; {wait.render()}; test -e /srv/released && {update.render()}"
        status, output = waits(apt_box, holder, command, "begins")
        assert status == 0, output
    assert [step.words[0] for step in apt_box.evaluate(apt.update).steps if isinstance(step, Shell)] == ["apt-get"]


def test_lists_are_updated_when_they_are_old(apt_box):
    apt_box.converge(apt.update, cache_time=3600)
    assert apt_box.apply(apt.update).steps  # without a time, always
    apt_box.sh("touch -d '2 hours ago' /var/lib/apt/periodic/update-success-stamp")
    apt_box.sh("touch -d '3 hours ago' /etc/apt/sources.list.d /etc/apt/sources.list.d/*")
    assert apt_box.evaluate(apt.update, cache_time=3 * 3600).noop
    apt_box.converge(apt.update, cache_time=3600)
    apt_box.sh("touch -d '+1 minute' /etc/apt/sources.list.d/th.list")
    assert apt_box.evaluate(apt.update, cache_time=3600).steps


def test_a_repository_that_does_not_answer_is_a_failure(apt_box):
    apt_box.converge(apt.repo, "deb [trusted=yes] file:///srv/nowhere stable main", filename="nowhere")
    with pytest.raises(CommandFailed, match="nowhere"):
        apt_box.apply(apt.update)
    apt_box.converge(apt.repo, "deb [trusted=yes] file:///srv/nowhere stable main", filename="nowhere", present=False)
    assert apt_box.status("test -e /etc/apt/sources.list.d/nowhere.list") == 1
    apt_box.apply(apt.update)


def test_repositories_in_both_forms(apt_box):
    [source] = apt_box.fact(AptSources)
    assert (source["url"], source["distribution"], source["components"]) == ("file:///srv/deb", "stable", ["main"])
    wanted = {"uris": "file:///srv/deb", "suites": "stable", "components": "main", "signed_by": KEYRING}
    assert apt_box.evaluate(apt.sources_file, "th", **wanted).noop  # the .list file has it
    apt_box.converge(apt.repo, LINE, present=False)
    assert apt_box.fact(AptSources) == []
    apt_box.converge(apt.sources_file, "th", **wanted)
    assert apt_box.fact(AptSources) == [source]
    assert apt_box.evaluate(apt.repo, LINE).noop
    with pytest.raises(OperationError, match=r"\.sources file"):
        apt_box.evaluate(apt.repo, LINE, present=False)
    apt_box.apply(apt.update)
    apt_box.converge(apt.packages, "th-lib")
    apt_box.converge(apt.sources_file, "th", present=False)
    assert apt_box.fact(AptSources) == []


def test_a_key_within_the_file(box):
    key = box.sh("cat /srv/th.asc")
    wanted = {"uris": "file:///srv/deb", "suites": ["stable"], "components": ["main"], "signed_by": key}
    box.converge(apt.sources_file, "th", **wanted)
    box.apply(apt.update)
    box.converge(apt.packages, "th-lib")


def test_keys(box):
    box.apply(apt.repo, LINE, filename="th")
    with pytest.raises(CommandFailed, match=r"NO_PUBKEY|not available|not signed"):
        box.apply(apt.update)
    fingerprint = box.sh("gpg --list-keys --with-colons th@example.org | awk -F: '/^fpr/ { print $10; exit }'").strip()
    with pytest.raises(OperationError, match="does not offer"):
        box.evaluate(apt.key, "/srv/th.asc", keyid="F" * 40, dest="th.gpg")
    box.write("/srv/page", "<html>not a key</html>")
    with pytest.raises(FactError, match="not an OpenPGP key"):
        box.evaluate(apt.key, "/srv/page", dest="th.gpg")
    box.converge(apt.key, "/srv/th.asc", keyid=fingerprint, dest="th.gpg")
    assert (
        box.sh(f"gpg --show-keys --with-colons {KEYRING} | awk -F: '/^fpr/ {{ print $10; exit }}'").strip()
        == fingerprint
    )
    box.apply(apt.update)
    box.converge(apt.key, "/srv/th.asc", dest="/etc/apt/trusted.gpg.d/it's here.asc")
    assert fingerprint[-16:] in box.fact(AptKeys)
    box.converge(apt.key, keyid=fingerprint, present=False)
    assert box.sh("ls /etc/apt/keyrings /etc/apt/trusted.gpg.d").count("th.gpg") == 0
    assert fingerprint[-16:] not in box.fact(AptKeys)


def test_files_of_packages(apt_box):
    box = apt_box
    assert changes(box.converge(apt.deb, "/srv/deb/th-lib_1.0_all.deb")) == [Change("th-lib", None, "1.0")]
    assert changes(box.converge(apt.deb, "/srv/deb/th-lib_2.0_all.deb")) == [Change("th-lib", "1.0", "2.0")]
    box.converge(apt.deb, "/srv/deb/th-lib_1.0_all.deb")  # an older one is a wish, too
    assert box.evaluate(apt.deb, "/srv/deb/th-lib_2.0_all.deb", present=False).noop
    box.converge(apt.deb, "/srv/deb/th-lib_1.0_all.deb", present=False)
    box.converge(apt.deb, "/srv/deb/th-app_1.0_all.deb")  # what it needs comes from the repository
    assert installed(box) == {"th-app": {"1.0"}, "th-lib": {"2.0"}}
    box.sh("mkdir '/srv/it'\\''s $(x)' && cp /srv/deb/th-lib_1.0_all.deb '/srv/it'\\''s $(x)/-a b.deb'")
    box.converge(apt.deb, "/srv/it's $(x)/-a b.deb")
    assert box.fact(DebPackage, "th-lib")["version"] == "1.0"
    with pytest.raises(OperationError, match="not a package file"):
        box.evaluate(apt.deb, "/srv/nothing.deb", present=False)
    with pytest.raises(CommandFailed):
        box.apply(apt.deb, "/srv/nothing.deb")


def test_a_package_behind_a_url(apt_box):
    apt_box.needs("curl", "python3")
    apt_box.sh("cd /srv/deb && python3 -m http.server -b 127.0.0.1 8099 >/dev/null 2>&1 &")
    apt_box.sh("for i in $(seq 100); do curl -fs http://127.0.0.1:8099/ >/dev/null && exit; sleep 0.1; done; exit 1")
    url = "http://127.0.0.1:8099/th-lib_2.0_all.deb"
    assert changes(apt_box.converge(apt.deb, url)) == [Change("th-lib", None, "2.0")]
    apt_box.converge(apt.deb, url, present=False)
    with pytest.raises(FactError):
        apt_box.evaluate(apt.deb, "http://127.0.0.1:8099/nothing.deb")


def test_no_archive_of_launchpad_without_a_network(box):
    box.needs("apt-add-repository")
    assert box.evaluate(apt.ppa, "ppa:th/tools", present=False).noop
    with pytest.raises(CommandFailed):
        box.apply(apt.ppa, "ppa:th/tools")
    box.write("/etc/apt/sources.list.d/th.list", "deb https://ppa.launchpadcontent.net/th/tools/ubuntu jammy main\n")
    assert box.evaluate(apt.ppa, "ppa:th/tools").noop
    assert box.evaluate(apt.ppa, "ppa:th/other").steps
