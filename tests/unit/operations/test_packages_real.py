"""dnf, zypper and pacman for real: in a box, with repositories of tiny packages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ropewalk.facts.dnf import DnfDisabledModules, DnfEnabledModules, DnfRepositories
from ropewalk.facts.flatpak import FlatpakPackage, FlatpakPackages
from ropewalk.facts.pacman import PacmanPackages, PacmanUnpackGroup
from ropewalk.facts.rpm import RpmPackage, RpmPackageProvides, RpmPackages
from ropewalk.facts.yum import YumRepositories
from ropewalk.facts.zypper import ZypperRepositories
from ropewalk.model.command import Change, sh
from ropewalk.model.errors import FactError, OperationError
from ropewalk.operations import dnf, flatpak, pacman, yum, zypper
from support import package_repositories as repositories
from support.box import Box, CommandFailed, why_not

pytestmark = [pytest.mark.root, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]


@pytest.fixture
def box() -> Iterator[Box]:
    made = Box()
    yield made
    made.close()


@pytest.fixture
def dnf_box(box: Box) -> Box:
    box.needs("dnf", "rpmbuild", "createrepo_c")
    repositories.rpm(box, *repositories.PACKAGES)
    box.converge(dnf.repo, "th", baseurl="file:///srv/rpm", gpgcheck=False)
    return box


@pytest.fixture
def zypper_box(box: Box) -> Box:
    box.needs("zypper", "rpmbuild", "createrepo_c")
    repositories.rpm(box, *repositories.PACKAGES, ("th-base", "1.0"))
    box.converge(zypper.repo, "th", "file:///srv/rpm", gpgcheck=False)
    box.converge(zypper.packages, "th-base")  # zypper does not bear a host without packages
    return box


@pytest.fixture
def pacman_box(box: Box) -> Box:
    box.needs("pacman", "repo-add")
    repositories.pacman(box, *repositories.PACKAGES[:2])
    box.apply(pacman.update)
    return box


def changes(done):
    return [step for step in done.steps if isinstance(step, Change)]


def test_dnf_packages(dnf_box):
    done = dnf_box.converge(dnf.packages, ["th-app", "th-lib=1.0"])
    assert changes(done) == [Change("th-lib", None, "1.0-1"), Change("th-app", None, "1.0-1")] or changes(done) == [
        Change("th-app", None, "1.0-1"), Change("th-lib", None, "1.0-1")]  # fmt: skip
    assert dnf_box.fact(RpmPackages) == {"th-app": {"1.0-1"}, "th-lib": {"1.0-1"}}
    for there in ("virt-lib", "th-lib.noarch", "th-lib-1.0", "th-lib=1.0-1", "th-lib=1.*", "th-lib>=0.9", "th-lib<2"):
        assert dnf_box.evaluate(dnf.packages, there).steps == []
    done = dnf_box.converge(dnf.packages, ["th-app", "th-lib"], latest=True)
    assert changes(done) == [Change("th-lib", "1.0-1", "2.0-1")]
    assert dnf_box.evaluate(dnf.update).noop
    done = dnf_box.converge(dnf.packages, "th-lib=1.0")  # older than what is there
    assert changes(done) == [Change("th-lib", "2.0-1", "1.0-1")]
    assert changes(dnf_box.converge(dnf.update)) == [Change("th-lib", "1.0-1", "2.0-1")]
    done = dnf_box.converge(dnf.packages, "virt-lib", present=False)
    assert {change.attribute for change in changes(done)} == {"th-lib", "th-app"}
    assert dnf_box.fact(RpmPackages) == {}


def test_dnf_knows_what_would_fail(dnf_box):
    done = dnf_box.evaluate(dnf.packages, "th-nix")
    assert done.steps == [Change("th-nix", None, "installed"), sh("dnf", "install", "-y", "th-nix")]
    with pytest.raises(CommandFailed):
        dnf_box.apply(dnf.packages, "th-nix")
    assert dnf_box.evaluate(dnf.packages, "th-nix*", present=False).noop


def test_dnf_groups(dnf_box):
    repositories.groups(dnf_box, tools="th-app")
    dnf_box.sh("dnf clean all")
    done = dnf_box.converge(dnf.packages, ["@tools", "th-lib=1.0"])
    assert {change.attribute: change.after for change in changes(done)} == {"th-app": "1.0-1", "th-lib": "1.0-1"}
    assert dnf_box.fact(RpmPackages) == {"th-app": {"1.0-1"}, "th-lib": {"1.0-1"}}
    assert changes(dnf_box.converge(dnf.packages, "@tools", present=False))[0] == Change("th-app", "1.0-1", None)
    assert "th-app" not in dnf_box.fact(RpmPackages)


def test_dnf_files(dnf_box):
    file = "/srv/rpm/th-lib-1.0-1.noarch.rpm"
    assert changes(dnf_box.converge(dnf.packages, [file])) == [Change("th-lib", None, "1.0-1")]
    assert dnf_box.evaluate(dnf.packages, f"file://{file}").noop
    done = dnf_box.converge(dnf.packages, [f"file://{file.replace('1.0', '2.0')}"])
    assert changes(done) == [Change("th-lib", "1.0-1", "2.0-1")]


def test_dnf_rpm(dnf_box):
    one, two = (f"/srv/rpm/th-lib-{number}-1.noarch.rpm" for number in ("1.0", "2.0"))
    assert changes(dnf_box.converge(dnf.rpm, one)) == [Change("th-lib", None, "1.0-1")]
    assert changes(dnf_box.converge(dnf.rpm, f"file://{two}")) == [Change("th-lib", "1.0-1", "2.0-1")]
    assert changes(dnf_box.converge(dnf.rpm, one)) == [Change("th-lib", "2.0-1", "1.0-1")]
    assert dnf_box.evaluate(dnf.rpm, two, present=False).noop  # another version is there
    dnf_box.converge(dnf.rpm, one, present=False)
    assert dnf_box.fact(RpmPackage, "th-lib") is None
    dnf_box.sh(f"cp {one} '/srv/it'\\''s $(x) one.rpm'")
    dnf_box.converge(dnf.rpm, "/srv/it's $(x) one.rpm")
    assert dnf_box.fact(RpmPackage, "th-lib") == {"name": "th-lib", "version": "1.0-1"}
    with pytest.raises(OperationError, match="not a package file"):
        dnf_box.evaluate(dnf.rpm, "/srv/nothing.rpm", present=False)
    with pytest.raises(CommandFailed):
        dnf_box.apply(dnf.rpm, "/srv/nothing.rpm")


def test_dnf_repositories(dnf_box):
    assert dnf_box.fact(DnfRepositories) == [
        {"repoid": "th", "filename": "/etc/yum.repos.d/th.repo", "name": "th", "baseurl": "file:///srv/rpm",
         "enabled": "1", "gpgcheck": "0"}
    ]  # fmt: skip
    assert sorted(dnf_box.fact(RpmPackageProvides, "virt-lib")) == [["th-lib", "1.0-1"], ["th-lib", "2.0-1"]]
    assert dnf_box.fact(RpmPackageProvides, "th-nix") == []
    dnf_box.converge(dnf.repo, "th", baseurl="file:///srv/rpm", enabled=False, description="T & t")
    dnf_box.converge(dnf.repo, "th", present=False)
    assert dnf_box.fact(DnfRepositories) == []
    dnf_box.sh("cp /srv/rpm/repodata/repomd.xml /srv/x.repo")
    dnf_box.converge(dnf.repo, "file:///srv/x.repo")
    dnf_box.converge(dnf.repo, "file:///srv/x.repo", present=False)
    assert dnf_box.status("test -e /etc/yum.repos.d/x.repo") == 1


def test_dnf_modules(dnf_box):
    dnf_box.needs("modifyrepo_c")
    repositories.modules(dnf_box, "1", "2")
    dnf_box.sh("echo module_platform_id=platform:el9 >>/etc/dnf/dnf.conf")
    dnf_box.converge(dnf.module, "th-module", "1")
    done = dnf_box.converge(dnf.module, "th-module", "2")
    assert changes(done) == [Change("th-module", "1", "2")]
    assert dnf_box.fact(DnfEnabledModules) == {"th-module": "2"}
    dnf_box.converge(dnf.module, "th-module", enabled=False)
    assert (dnf_box.fact(DnfEnabledModules), dnf_box.fact(DnfDisabledModules)) == ({}, ["th-module"])
    dnf_box.converge(dnf.module, "th-module", "1")
    with pytest.raises(CommandFailed):
        dnf_box.apply(dnf.module, "th-nix", "1")


def test_dnf_key(dnf_box):
    dnf_box.needs("gpg")
    dnf_box.sh("gpg --batch --quiet --passphrase '' --quick-gen-key 'th <th@example.org>' rsa2048 sign never")
    dnf_box.sh("gpg --armor --export th@example.org >'/srv/the key'")
    done = dnf_box.converge(dnf.key, "/srv/the key")
    assert [change.after for change in changes(done)] == ["trusted"]
    assert dnf_box.sh("rpm -qa gpg-pubkey").startswith("gpg-pubkey-")
    dnf_box.write("/srv/page", "<html>")
    with pytest.raises(FactError):
        dnf_box.evaluate(dnf.key, "/srv/page")


def test_yum_is_dnf_of_another_name(dnf_box):
    dnf_box.sh("ln -s dnf-3 /usr/bin/yum")
    dnf_box.converge(dnf.repo, "th", present=False)
    dnf_box.converge(yum.repo, "th", baseurl="file:///srv/rpm", gpgcheck=False)
    assert [repo["repoid"] for repo in dnf_box.fact(YumRepositories)] == ["th"]
    dnf_box.converge(yum.packages, ["th-app", "th-lib=1.0"])
    assert changes(dnf_box.converge(yum.update)) == [Change("th-lib", "1.0-1", "2.0-1")]
    dnf_box.converge(yum.rpm, "/srv/rpm/th-lib-1.0-1.noarch.rpm")
    dnf_box.converge(yum.packages, ["th-lib"], present=False)
    assert dnf_box.fact(RpmPackages) == {}


def test_zypper_packages(zypper_box):
    done = zypper_box.converge(zypper.packages, ["th-app", "th-lib=1.0"])
    assert {change.attribute: change.after for change in changes(done)} == {"th-app": "1.0-1", "th-lib": "1.0-1"}
    for there in ("virt-lib", "th-lib=1.0-1", "th-lib=1.0"):
        assert zypper_box.evaluate(zypper.packages, there).steps == []
    done = zypper_box.converge(zypper.packages, ["th-app", "th-lib"], latest=True)
    assert changes(done) == [Change("th-lib", "1.0-1", "2.0-1")]
    assert zypper_box.evaluate(zypper.update).noop
    done = zypper_box.converge(zypper.packages, "th-lib", present=False)
    assert {change.attribute for change in changes(done)} == {"th-lib", "th-app"}
    with pytest.raises(CommandFailed):
        zypper_box.apply(zypper.packages, "th-nix")
    assert zypper_box.evaluate(zypper.packages, "th-nix", present=False).noop


def test_zypper_rpm_and_repo(zypper_box):
    one, two = (f"/srv/rpm/th-lib-{number}-1.noarch.rpm" for number in ("1.0", "2.0"))
    zypper_box.converge(zypper.rpm, two)
    assert changes(zypper_box.converge(zypper.rpm, one)) == [Change("th-lib", "2.0-1", "1.0-1")]
    assert changes(zypper_box.converge(zypper.update)) == [Change("th-lib", "1.0-1", "2.0-1")]
    zypper_box.converge(zypper.rpm, two, present=False)
    assert zypper_box.fact(RpmPackages) == {"th-base": {"1.0-1"}}
    assert [repo["type"] for repo in zypper_box.fact(ZypperRepositories)] == ["rpm-md"]
    zypper_box.converge(zypper.repo, "th", present=False)
    assert zypper_box.fact(ZypperRepositories) == []


def test_pacman(pacman_box):
    done = pacman_box.converge(pacman.packages, "th-app")
    assert changes(done) == [Change("th-lib", None, "1.0-1"), Change("th-app", None, "1.0-1")]
    for there in ("virt-lib", "th-group", "th-lib=1.0", "th/th-lib"):
        assert pacman_box.evaluate(pacman.packages, there).steps == []
    assert pacman_box.evaluate(pacman.upgrade).noop
    repositories.pacman(pacman_box, repositories.PACKAGES[2])
    pacman_box.apply(pacman.update)
    assert changes(pacman_box.converge(pacman.upgrade)) == [Change("th-lib", "1.0-1", "2.0-1")]
    assert pacman_box.fact(PacmanPackages) == {"th-app": {"1.0-1"}, "th-lib": {"2.0-1"}}
    assert pacman_box.fact(PacmanUnpackGroup, "th-group") == ["th-lib", "th-app"]
    assert pacman_box.fact(PacmanUnpackGroup, "th-nix") == []
    pacman_box.converge(pacman.packages, "th-group", present=False)
    assert pacman_box.fact(PacmanPackages) == {}
    pacman_box.converge(pacman.packages, ["th/th-lib", "th-app=1.0"])
    assert pacman_box.evaluate(pacman.packages, ["th/th-lib=0.9", "th-app=0.9"], present=False).noop
    pacman_box.converge(pacman.packages, ["th/th-lib", "th-app=1.0"], present=False)
    assert pacman_box.fact(PacmanPackages) == {}
    with pytest.raises(CommandFailed):
        pacman_box.apply(pacman.packages, "th-nix")


def test_flatpak(box):
    box.needs("flatpak", "ostree")
    if box.sh("uname -m").strip() != "x86_64":
        pytest.skip("the packages are for x86_64")
    repositories.flatpaks(box)
    assert box.evaluate(flatpak.packages, "org.th.App", remote="th").steps  # makes no place for the user's own
    assert box.fact(FlatpakPackage, "org.th.App") == {}
    box.converge(flatpak.packages, "org.th.App", remote="th")
    assert box.fact(FlatpakPackage, "org.th.App") == {"id": "org.th.App", "ref": "app/org.th.App/x86_64/stable"}
    assert sorted(box.fact(FlatpakPackages)) == ["org.th.App", "org.th.Platform"]
    for there in ("org.th.App//stable", "app/org.th.App/x86_64/stable", "org.th.App/x86_64"):
        assert box.evaluate(flatpak.packages, there).noop
    box.write("/srv/a.flatpakref", "[Flatpak Ref]\nName=org.th.App\nBranch=stable\nUrl=file:///srv/flatpaks\n")
    assert box.evaluate(flatpak.packages, "/srv/a.flatpakref").noop
    box.converge(flatpak.packages, "/srv/a.flatpakref", present=False)
    assert box.fact(FlatpakPackages) == ["org.th.Platform"]
    box.converge(flatpak.packages, ["/srv/a.flatpakref", "org.th.Platform"])
    with pytest.raises(CommandFailed):
        box.apply(flatpak.packages, "org.th.App//beta")
    with pytest.raises(FactError, match="cat"):
        box.evaluate(flatpak.packages, "/srv/nothing.flatpakref")
