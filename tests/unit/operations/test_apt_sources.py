"""apt.repo, apt.sources_file, apt.ppa, and the values they compare."""

from __future__ import annotations

import pytest

from ropewalk.facts.apt import AptSources
from ropewalk.facts.apt_state import AptSourceFiles
from ropewalk.facts.files import File, FileContents
from ropewalk.model.command import Diff, Upload, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import apt
from ropewalk.operations.apt.sources import deb822, file_path, from_fact, make_source, parse_line, without
from ropewalk.testing import evaluate

LINE = "deb [arch=amd64 signed-by=/k.gpg] https://example.org/debian stable main contrib"
ENTRY = {
    "type": "deb",
    "url": "https://example.org/debian",
    "distribution": "stable",
    "components": ["main", "contrib"],
    "options": {"arch": "amd64", "signed-by": "/k.gpg"},
}
MAIN, EXTRA = "/etc/apt/sources.list", "/etc/apt/sources.list.d/extra.list"


@pytest.mark.parametrize(
    "line",
    [
        "deb [arch=amd64 signed-by=/k.gpg] https://example.org/debian stable main contrib",
        "deb [ signed-by=/k.gpg  arch=amd64 ]  https://example.org/debian/\tstable contrib main # why",
    ],
)
def test_the_same_source_written_differently(line):
    assert parse_line(line) == from_fact(ENTRY)


@pytest.mark.parametrize(
    ("fact_options", "line_options"),
    [
        ({"arch": ["amd64", "i386"]}, "arch=i386,amd64"),
        ({"architectures": "amd64 i386"}, "arch=amd64,i386"),
        ({"Trusted": "yes"}, "trusted=yes"),
        ({"arch": []}, "x="),
    ],
)
def test_options_are_compared_by_value(fact_options, line_options):
    line = parse_line(f"deb [{line_options}] http://h/d s c")
    assert line == from_fact({"type": "deb", "url": "http://h/d", "distribution": "s", "components": ["c"],
                              "options": fact_options})  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "", "# deb http://h/d s c", "http://h/d", "ppa:a/b", "rpm http://h/d s c", "deb h/d s c", "deb http://h/d",
        "deb http://h/d s", "deb http://h/d ./ c", "deb [arch=amd64 http://h/d s c",
        "deb http://h/d s c\ndeb http://x y z",
    ],
)  # fmt: skip
def test_what_apt_would_not_understand_is_refused(line):
    with pytest.raises(OperationValueError):
        evaluate(apt.repo, line)


def test_a_source_covers_what_has_fewer_components():
    assert from_fact(ENTRY).covers(parse_line(LINE.removesuffix(" contrib")))
    assert not parse_line(LINE.removesuffix(" contrib")).covers(from_fact(ENTRY))


def test_comments_and_other_sources_stay():
    lines = ["# deb http://h/d s c", "deb http://h/d s c", "", "deb http://h/d s c e", "junk"]
    assert without(lines, make_source("deb", "http://h/d/", "s", ["c"])) == [lines[0], *lines[2:]]


@pytest.mark.parametrize("name", ["a", "a.list"])
def test_the_suffix_is_optional(name):
    assert file_path(name, ".list") == "/etc/apt/sources.list.d/a.list"


@pytest.mark.parametrize("name", ["", ".list", "a b", "../a", "/etc/a.list", "a'", "a~", "a\n"])
def test_names_that_apt_ignores_are_refused(name):
    with pytest.raises(OperationValueError, match="apt ignores"):
        file_path(name, ".list")


def repo(line, have=(), files=None, **how):
    return evaluate(apt.repo, line, facts={AptSources: list(have), AptSourceFiles: files or {}}, **how)


@pytest.mark.parametrize("filename", [None, "other"])
def test_a_repository_that_is_there_is_not_added(filename):
    assert repo(LINE, [ENTRY], filename=filename).steps == []


def test_a_repository_that_is_only_a_comment_is_added():
    before = ["# " + LINE]
    assert repo(LINE, files={MAIN: before}).steps == [
        Diff(MAIN, f"# {LINE}\n", f"# {LINE}\n{LINE}\n"),
        Upload(f"# {LINE}\n{LINE}\n".encode(), MAIN, mode=None),
    ]


@pytest.mark.parametrize("filename", ["extra", "extra.list"])
def test_a_new_file(filename):
    assert repo(f" {LINE} ", files={MAIN: []}, filename=filename).steps == [
        sh("mkdir", "-p", "/etc/apt/sources.list.d"),
        Diff(EXTRA, None, f"{LINE}\n"),
        Upload(f"{LINE}\n".encode(), EXTRA, mode="644"),
    ]


def test_a_repository_is_removed_from_all_files():
    done = repo(LINE, [ENTRY], {MAIN: ["# keep", LINE], EXTRA: [LINE, ""]}, present=False)
    assert done.steps == [
        Diff(MAIN, f"# keep\n{LINE}\n", "# keep\n"),
        Upload(b"# keep\n", MAIN, mode=None),
        Diff(EXTRA, f"{LINE}\n\n", None),
        sh("rm", "-f", EXTRA),
    ]


def test_a_repository_is_removed_from_one_file():
    done = repo(LINE, [ENTRY], {MAIN: [LINE], EXTRA: [LINE]}, present=False, filename="extra")
    assert [step.path for step in done.steps if isinstance(step, Diff)] == [EXTRA]
    assert repo(LINE, [ENTRY], {MAIN: [LINE]}, present=False, filename="extra").steps == []


def test_a_repository_that_is_not_there_is_not_removed():
    assert repo(LINE, present=False).noop == f"the repository is not there: {LINE}"


def test_a_repository_in_another_form_is_an_error_not_a_success():
    with pytest.raises(OperationError, match=r"\.sources file"):
        repo(LINE, [ENTRY], {MAIN: []}, present=False)


SOURCES = "/etc/apt/sources.list.d/example.sources"
PLAIN = {"uris": "https://example.org/debian", "suites": "stable", "components": ["main", "contrib"]}
CONTENT = "Types: deb\nURIs: https://example.org/debian\nSuites: stable\nComponents: main contrib\n"


def sources(lines=None, have=(), filename="example", **how):
    facts = {FileContents: lines, AptSources: list(have), File: None if lines is None else {"mode": 644}}
    return evaluate(apt.sources_file, filename, facts=facts, **how)


@pytest.mark.parametrize("filename", ["example", "example.sources"])
def test_a_file_is_written(filename):
    assert sources(filename=filename, **PLAIN).steps == [
        sh("mkdir", "-p", "/etc/apt/sources.list.d"),
        Diff(SOURCES, None, CONTENT),
        Upload(CONTENT.encode(), SOURCES, mode="644"),
    ]


def test_a_file_is_brought_to_its_content():
    assert sources(["old"], **PLAIN).steps == [
        Diff(SOURCES, "old\n", CONTENT),
        Upload(CONTENT.encode(), SOURCES, mode="644"),
    ]
    assert sources(CONTENT.splitlines(), **PLAIN).steps == []


def test_repositories_of_other_files_are_not_configured_twice():
    plain = {**ENTRY, "options": {}}
    assert sources(None, [plain], **PLAIN).steps == []
    assert sources(None, [ENTRY], **PLAIN).steps != []  # another key is another source
    assert sources(["old"], [plain], **PLAIN).steps != []  # but a file that is there is brought to its content


def test_all_fields():
    done = sources(types=["deb", "deb-src"], uris=["https://a.example", "https://b.example"], suites="s1 s2",
                   components="main", architectures=["amd64", "i386"], signed_by="/k.gpg")  # fmt: skip
    assert done.steps[-1].source.decode() == (
        "Types: deb deb-src\nURIs: https://a.example https://b.example\nSuites: s1 s2\nComponents: main\n"
        "Architectures: amd64 i386\nSigned-By: /k.gpg\n"
    )


def test_a_key_in_the_file_is_folded():
    assert deb822({"Signed-By": "BEGIN\n\nabc\nEND\n"}) == "Signed-By: BEGIN\n .\n abc\n END\n"


@pytest.mark.parametrize(
    "fields",
    [
        {"suites": "s"}, {"uris": "http://h"}, {}, {"uris": "http://h", "suites": "s"}, {"uris": "h", "suites": "./"},
        {"uris": "http://h", "suites": "./", "components": "main"}, {**PLAIN, "types": "rpm"},
    ],
)  # fmt: skip
def test_a_file_apt_would_not_understand_is_refused(fields):
    with pytest.raises(OperationError):
        sources(**fields)


def test_a_file_is_removed():
    assert sources(["x"], present=False).steps == [sh("rm", "-f", SOURCES)]
    assert sources(None, present=False).noop == f"{SOURCES} does not exist"


def ppa(src, *urls, **how):
    have = [{**ENTRY, "url": url} for url in urls]
    return evaluate(apt.ppa, src, facts={AptSources: have}, **how).steps


THERE = "https://ppa.launchpadcontent.net/owner/name/ubuntu/"


@pytest.mark.parametrize(
    ("urls", "how", "steps"),
    [
        ([], {}, [sh("apt-add-repository", "-y", "ppa:owner/name")]),
        ([THERE], {}, []),
        (["http://ppa.launchpad.net/owner/name/ubuntu"], {}, []),
        ([THERE.replace("name", "n")], {}, [sh("apt-add-repository", "-y", "ppa:owner/name")]),
        ([THERE], {"present": False}, [sh("apt-add-repository", "-y", "--remove", "ppa:owner/name")]),
        ([], {"present": False}, []),
    ],
)  # fmt: skip
def test_ppa(urls, how, steps):
    assert ppa("ppa:owner/name", *urls, **how) == steps


def test_a_ppa_without_a_name_is_called_ppa():
    assert ppa("ppa:owner", "https://ppa.launchpadcontent.net/owner/ppa/ubuntu") == []


@pytest.mark.parametrize("src", ["owner/name", "--remove", "ppa:", "ppa:a/b/c", "ppa:a b", "deb http://h s c"])
def test_what_is_no_ppa_is_refused(src):
    with pytest.raises(OperationValueError):
        ppa(src)
