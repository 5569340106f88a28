"""Operations that change one setting: how the files they edit are rewritten, and what they yield."""

from __future__ import annotations

import shlex

import pytest

from ropewalk.api import Change, Diff, OperationError, OperationValueError, Upload, joined, sh
from ropewalk.facts.files import Directory, File, FileContents, Link
from ropewalk.facts.server import Hostname, Kernel, KernelModules, Locales, Mounts, Os, Sysctl, Timezone, Which
from ropewalk.facts.server.mounts import RealPath
from ropewalk.model.errors import OperationTypeError
from ropewalk.operations import server
from ropewalk.operations.server.etc_hosts import with_names, without_names
from ropewalk.operations.server.locale import chosen, normal
from ropewalk.operations.server.mount import missing_options
from ropewalk.operations.server.security_limit import limited
from ropewalk.operations.server.sysctl import setting
from ropewalk.testing import evaluate, fact_key

BOOTED = {"user": "root", "group": "root", "mode": 755}


def written(path, lines):
    return Upload("".join(f"{line}\n" for line in lines).encode(), path)


class TestHostname:
    @staticmethod
    def steps(name="new", *, have="new", lines=("new",), os="Linux", ctl=True, systemd=True, **kwargs):
        facts = {
            Hostname: have,
            Os: os,
            FileContents: None if lines is None else list(lines),
            Which: "/usr/bin/hostnamectl" if ctl else None,
            Directory: BOOTED if systemd else None,
        }
        done = evaluate(server.hostname, name, facts=facts, **kwargs)
        assert bool(done.noop) is not bool(done.steps)
        return [step for step in done.steps if not isinstance(step, Diff)]

    SET = (Change("hostname", "old", "new"), sh("hostname", "new"))

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            pytest.param({}, [], id="as it is"),
            pytest.param({"ctl": False}, [], id="as it is, without systemd"),
            pytest.param({"lines": ["# made by hand", "new"]}, [], id="the file may have comments"),
            pytest.param({"have": "old"}, [SET[0], sh("hostnamectl", "set-hostname", "new")], id="systemd"),
            pytest.param(
                {"lines": ["old"]}, [sh("hostnamectl", "set-hostname", "new")], id="would be lost by a restart"
            ),
            pytest.param({"have": "old", "systemd": False}, list(SET), id="systemd does not run"),
            pytest.param(
                {"have": "old", "lines": ["old"], "ctl": False}, [*SET, written("/etc/hostname", ["new"])], id="file"
            ),
            pytest.param({"lines": None, "ctl": False}, [written("/etc/hostname", ["new"])], id="no file yet"),
            pytest.param(
                {"have": "old", "lines": ["old"], "ctl": False, "os": "OpenBSD"},
                [*SET, written("/etc/myname", ["new"])],
                id="OpenBSD",
            ),
            pytest.param({"have": "old", "ctl": False, "os": "FreeBSD"}, list(SET), id="no such file"),
            pytest.param(
                {"have": "old", "lines": None, "hostname_file": "/x y"},
                [*SET, written("/x y", ["new"])],
                id="given file",
            ),
        ],
    )
    def test_steps(self, arguments, expected):
        assert self.steps(**arguments) == expected

    @pytest.mark.parametrize("name", ["", "a b", "-f", "a\nb", ".a", "a.", "a/b", "$x", "x" * 65])
    def test_it_has_to_be_a_name(self, name):
        with pytest.raises(OperationValueError, match="cannot be the name of a host"):
            self.steps(name)

    @pytest.mark.parametrize("name", ["a", "web-1.example.net", "my_host", "x" * 64])
    def test_names(self, name):
        assert self.steps(name, have=name, lines=[name]) == []


class TestModprobe:
    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ({"module": "br_netfilter"}, []),
            ({"module": "br-netfilter"}, []),
            ({"module": "nbd"}, [sh("modprobe", "-a", "--", "nbd")]),
            ({"module": ["nbd", "br_netfilter", "fuse"]}, [sh("modprobe", "-a", "--", "nbd", "fuse")]),
            ({"module": "nbd", "force": True}, [sh("modprobe", "-f", "-a", "--", "nbd")]),
            ({"module": "br-netfilter", "present": False}, [sh("modprobe", "-r", "-a", "--", "br-netfilter")]),
            ({"module": "nbd", "present": False}, []),
        ],
    )
    def test_steps(self, arguments, expected):
        done = evaluate(server.modprobe, **arguments, facts={KernelModules: {"br_netfilter": {}}})
        assert done.steps == expected
        assert bool(done.noop) is not bool(expected)

    @pytest.mark.parametrize("name", ["", "a b", "a\nb"])
    def test_names(self, name):
        with pytest.raises(OperationValueError, match="must be one word"):
            evaluate(server.modprobe, name, facts={KernelModules: {}})


class TestMount:
    HAVE = {"device": "/dev/sdb", "type": "ext4", "options": ["rw", "noatime"]}

    def test_a_path_that_leads_to_a_mount(self):
        facts = {Mounts: {"/mnt/disk": self.HAVE}, fact_key(RealPath, path="/data"): "/mnt/disk"}
        assert evaluate(server.mount, "/data", facts=facts).steps == []
        assert evaluate(server.mount, "/data", mounted=False, facts=facts).steps == [sh("umount", "--", "/data")]

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            pytest.param({"path": "/mnt"}, [], id="mounted"),
            pytest.param({"path": "/mnt/"}, [], id="the same path, spelt otherwise"),
            pytest.param({"path": "/mnt", "options": ["noatime", "defaults"]}, [], id="with these options"),
            pytest.param({"path": "/new"}, [sh("mount", "--", "/new")], id="from fstab"),
            pytest.param(
                {"path": "/new", "device": "/dev/x", "fs_type": "xfs", "options": ["ro", "noexec"]},
                [sh("mount", "-t", "xfs", "-o", "ro,noexec", "--", "/dev/x", "/new")],
                id="everything given",
            ),
            pytest.param(
                {"path": "/mnt", "options": ["ro", "noatime"]},
                [
                    Change("options", "rw,noatime", "rw,noatime,ro"),
                    sh("mount", "-o", "remount,ro,noatime", "--", "/mnt"),
                ],
                id="other options",
            ),
            pytest.param({"path": "/mnt", "mounted": False}, [sh("umount", "--", "/mnt")], id="unmount"),
            pytest.param({"path": "/new", "mounted": False}, [], id="not mounted"),
        ],
    )
    def test_steps(self, arguments, expected):
        done = evaluate(server.mount, **arguments, facts={
            Mounts: {"/mnt": self.HAVE}, Kernel: "Linux", RealPath: "/new"
        })  # fmt: skip
        assert done.steps == expected
        assert bool(done.noop) is not bool(expected)

    def test_freebsd_updates(self):
        facts = {Mounts: {"/mnt": self.HAVE}, Kernel: "FreeBSD"}
        command = evaluate(server.mount, "/mnt", options=["ro"], facts=facts).steps[-1]
        assert command == sh("mount", "-u", "-o", "ro", "-t", "ext4", "--", "/dev/sdb", "/mnt")

    def test_options_are_a_list(self):
        with pytest.raises(OperationTypeError, match="options must be a list"):
            evaluate(server.mount, "/mnt", options="ro,noexec", facts={Mounts: {}})

    @pytest.mark.parametrize(
        ("wanted", "have", "missing"),
        [
            (["exec", "suid", "async"], ["rw"], []),
            (["exec"], ["rw", "noexec"], ["exec"]),
            (["nofail", "x-systemd.automount", "noauto", "comment=x"], ["rw"], []),
            (["size=1g"], ["rw", "size=2g"], ["size=1g"]),
        ],
    )
    def test_options_that_no_mount_shows_do_not_count(self, wanted, have, missing):
        assert missing_options(wanted, have) == missing


class TestSysctl:
    @staticmethod
    def steps(*args, have=None, lines=None, **kwargs):
        facts = {Sysctl: have or {}, FileContents: lines}
        done = evaluate(server.sysctl, *args, facts=facts, **kwargs)
        return [step for step in done.steps if not isinstance(step, Diff)]

    @pytest.mark.parametrize(
        ("have", "value"), [(1, 1), (1, "1"), ([1, 2], [1, 2]), ([1, 2], "1\t2"), ("a b", ["a", "b"]), ("x", "x")]
    )
    def test_equal_values(self, have, value):
        assert self.steps("k.a", value, have={"k.a": have}) == []

    def test_a_value_is_set(self):
        assert self.steps("k.a", [1, "x y"], have={"k.a": 2}) == [
            Change("k.a", "2", "1 x y"),
            sh("sysctl", joined("k.a", "=", "1 x y")),
        ]

    def test_one_that_is_not_known_is_tried(self):
        assert self.steps("k.a", 1)[-1] == sh("sysctl", joined("k.a", "=", "1"))

    def test_it_persists(self):
        assert self.steps("k.a", 1, persist=True, persist_file="/etc/x", have={"k.a": 1}) == [
            written("/etc/x", ["k.a = 1"])
        ]

    @pytest.mark.parametrize(
        ("lines", "after"),
        [
            pytest.param([], ["k.a = 1"], id="empty"),
            pytest.param(["x = 2"], ["x = 2", "k.a = 1"], id="appended"),
            pytest.param(["k.a=1"], ["k.a=1"], id="there, spelt otherwise"),
            pytest.param(["k.a = 2", "x = 3"], ["k.a = 1", "x = 3"], id="another value is replaced"),
            pytest.param(["# k.a = 1"], ["# k.a = 1", "k.a = 1"], id="a comment is not there"),
            pytest.param(["k.a = 1", "x = 3", "k.a = 2"], ["x = 3", "k.a = 1"], id="twice: the last one counts"),
            pytest.param(["k.a = 2", "x = 3", "k.a=1"], ["x = 3", "k.a=1"], id="twice: the last one is right"),
            pytest.param(["kxa = 2", "k.ab = 3"], ["kxa = 2", "k.ab = 3", "k.a = 1"], id="other keys look alike"),
        ],
    )
    def test_lines(self, lines, after):
        assert setting(lines, "k.a", "1") == after
        assert setting(after, "k.a", "1") == after

    @pytest.mark.parametrize(("key", "value"), [("", 1), ("a b", 1), ("k", "1\n2"), ("k", ""), ("k", [])])
    def test_what_does_not_fit_on_a_line_is_refused(self, key, value):
        with pytest.raises(OperationValueError):
            self.steps(key, value)

    def test_a_hostile_value_stays_one_word(self):
        (_, command) = self.steps("k", "$(touch x); 'y'")
        assert shlex.split(command.render()) == ["sysctl", "k=$(touch x); 'y'"]


class TestEtcHosts:
    LINES = ["# top", "127.0.0.1 localhost lo # loop", "10.0.0.1\ta b", "10.0.0.1 c"]

    @pytest.mark.parametrize(
        ("ip", "names", "changed"),
        [
            pytest.param("10.0.0.1", ["a", "b", "c"], {}, id="all its lines together"),
            pytest.param("10.0.0.1", ["a", "d"], {2: "10.0.0.1 a d", 3: None}, id="on the first line alone"),
            pytest.param("127.0.0.1", ["localhost"], {1: "127.0.0.1 localhost # loop"}, id="the comment stays"),
            pytest.param("::1", ["a"], {4: "::1 a"}, id="new"),
        ],
    )
    def test_with_names(self, ip, names, changed):
        assert with_names(self.LINES, ip, names) == self.apply(changed)
        assert with_names(self.apply(changed), ip, names) == self.apply(changed)

    @pytest.mark.parametrize(
        ("ip", "names", "changed"),
        [
            pytest.param("10.0.0.1", [], {2: None, 3: None}, id="all"),
            pytest.param("10.0.0.1", ["c", "a"], {2: "10.0.0.1 b", 3: None}, id="some"),
            pytest.param("127.0.0.1", ["lo"], {1: "127.0.0.1 localhost # loop"}, id="the comment stays"),
            pytest.param("10.0.0.1", ["q"], {}, id="not there"),
            pytest.param("10.9.9.9", [], {}, id="no such address"),
        ],
    )
    def test_without_names(self, ip, names, changed):
        assert without_names(self.LINES, ip, names) == self.apply(changed)

    def apply(self, changed):
        lines = dict(enumerate(self.LINES)) | changed
        return [line for _, line in sorted(lines.items()) if line is not None]

    def test_steps(self):
        facts = {FileContents: self.LINES}
        diff, upload = evaluate(server.etc_hosts, "::1", "six", path="/h", facts=facts).steps
        assert isinstance(diff, Diff)
        assert upload == written("/h", [*self.LINES, "::1 six"])
        assert evaluate(server.etc_hosts, "::1", present=False, facts=facts).noop

    def test_an_address_needs_a_name(self):
        with pytest.raises(OperationError, match="at least one name"):
            evaluate(server.etc_hosts, "::1", facts={FileContents: []})

    @pytest.mark.parametrize(("ip", "name"), [("", "a"), ("1 2", "a"), ("::1", "a b"), ("::1", "#"), ("::1", "a\nb")])
    def test_words(self, ip, name):
        with pytest.raises(OperationValueError, match="must be one word"):
            evaluate(server.etc_hosts, ip, name, facts={FileContents: []})


class TestLocale:
    LINES = ["# en_GB ISO-8859-1", "# en_GB.UTF-8 UTF-8", "de_DE.UTF-8 UTF-8"]

    @staticmethod
    def steps(*args, have=("C",), **kwargs):
        facts = {Locales: list(have), FileContents: TestLocale.LINES}
        return [s for s in evaluate(server.locale, *args, facts=facts, **kwargs).steps if not isinstance(s, Diff)]

    def test_it_is_chosen_and_built(self):
        lines = ["# en_GB ISO-8859-1", "en_GB.UTF-8 UTF-8", "de_DE.UTF-8 UTF-8"]
        assert self.steps("en_GB.UTF-8") == [written("/etc/locale.gen", lines), sh("locale-gen")]

    def test_one_that_is_chosen_but_not_built_is_built(self):
        assert self.steps("de_DE.UTF-8") == [sh("locale-gen")]

    def test_it_is_taken_away(self):
        lines = ["# en_GB ISO-8859-1", "# en_GB.UTF-8 UTF-8", "# de_DE.UTF-8 UTF-8"]
        done = self.steps("de_DE.UTF-8", have=["de_DE.utf8"], present=False)
        assert done == [written("/etc/locale.gen", lines), sh("locale-gen")]

    @pytest.mark.parametrize("name", ["en_GB.UTF-8", "en_GB.utf8"])
    def test_nothing_to_do(self, name):
        assert self.steps("en_GB.UTF-8", have=[name]) == []
        assert self.steps("de_DE.UTF-8", have=[name], present=False) == []

    def test_one_that_the_host_does_not_know_is_an_error(self):
        with pytest.raises(OperationError, match=r"no line for the locale xx_YY\.UTF-8"):
            self.steps("xx_YY.UTF-8")

    def test_names_are_not_patterns(self):
        assert chosen(["# enxGB UTF-8"], "en.GB", True) is None

    @pytest.mark.parametrize(
        ("name", "expected"),
        [("en_GB.UTF-8", "en_GB.utf8"), ("C", "C"), ("de_DE.ISO-8859-15@euro", "de_DE.iso885915@euro")],
    )
    def test_normal(self, name, expected):
        assert normal(name) == expected


class TestTimezone:
    @staticmethod
    def steps(name="Europe/Paris", *, have="Etc/UTC", ctl=True, systemd=True, zone=BOOTED):
        facts = {
            Timezone: have,
            Which: "/usr/bin/timedatectl" if ctl else None,
            Directory: BOOTED if systemd else None,
            fact_key(File, path=f"/usr/share/zoneinfo/{name}"): zone,
            Link: False,
        }
        return evaluate(server.timezone, name, facts=facts).steps

    def test_systemd_is_asked(self):
        change, command = self.steps()
        assert change == Change("timezone", "Etc/UTC", "Europe/Paris")
        assert command == sh("timedatectl", "set-timezone", "Europe/Paris")

    @pytest.mark.parametrize("without", [{"ctl": False}, {"systemd": False}])
    def test_without_it_files_are_set(self, without):
        assert self.steps(**without)[1:] == [
            sh("ln", "-sfn", "/usr/share/zoneinfo/Europe/Paris", "/etc/localtime"),
            written("/etc/timezone", ["Europe/Paris"]),
        ]

    def test_nothing_to_do(self):
        assert self.steps(have="Europe/Paris") == []

    def test_a_zone_that_the_host_does_not_know_is_an_error(self):
        with pytest.raises(OperationError, match="no time zone Europe/Paris"):
            self.steps(ctl=False, zone=None)

    @pytest.mark.parametrize("name", ["", "/etc/passwd", "../../etc/passwd", "Europe/", "a b", "-x", "Europe/../x"])
    def test_what_is_no_name_is_refused(self, name):
        with pytest.raises(OperationValueError, match="cannot be the name of a time zone"):
            self.steps(name)


class TestSecurityLimit:
    LIMIT = ("*", "soft", "nofile")

    @pytest.mark.parametrize(
        ("lines", "after"),
        [
            pytest.param([], ["*\tsoft\tnofile\t5"], id="empty"),
            pytest.param(["* soft nofile 5 # ours"], ["* soft nofile 5 # ours"], id="there"),
            pytest.param(["* soft nofile 4", "x"], ["*\tsoft\tnofile\t5", "x"], id="another value"),
            pytest.param(["#* soft nofile 5"], ["#* soft nofile 5", "*\tsoft\tnofile\t5"], id="a comment"),
            pytest.param(["a soft nofile 5"], ["a soft nofile 5", "*\tsoft\tnofile\t5"], id="for somebody else"),
            pytest.param(
                ["* soft nofile 5", "* soft nofile 4"], ["*\tsoft\tnofile\t5"], id="twice: the last one counts"
            ),
            pytest.param(
                ["* soft nofile 4", "* soft nofile 5"], ["* soft nofile 5"], id="twice: the last one is right"
            ),
        ],
    )
    def test_lines(self, lines, after):
        assert limited(lines, self.LIMIT, "5") == after
        assert limited(after, self.LIMIT, "5") == after

    def test_steps(self):
        done = evaluate(server.security_limit, *self.LIMIT, 5, facts={FileContents: None})
        assert done.steps[1:] == [written("/etc/security/limits.conf", ["*\tsoft\tnofile\t5"])]
        assert evaluate(server.security_limit, *self.LIMIT, 5, facts={FileContents: ["* soft nofile 5"]}).noop

    def test_the_limit_is_one_word_each(self):
        with pytest.raises(OperationValueError, match="domain must be one word"):
            evaluate(server.security_limit, "a b", "soft", "nofile", 5, facts={FileContents: []})
