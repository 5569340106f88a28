"""files.download: when it downloads, and with which words. What the command does, test_files_behaviour shows."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ropewalk.facts.files import Directory, File, Link, Md5File, Sha1File, Sha256File, Sha384File
from ropewalk.facts.server import Date
from ropewalk.model.command import Change, Secret, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import files
from ropewalk.testing import Evaluated, evaluate

URL = "https://example.org/x"
NOW = datetime(2024, 1, 1, 12, tzinfo=UTC)
HAVE = {"user": "root", "group": "root", "mode": 644, "mtime": NOW.replace(tzinfo=None, hour=11)}


def command(done: Evaluated, **how: bool) -> str:
    return done.steps[-1].render(**how)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("facts", "arguments", "changes"),
    [
        pytest.param({File: None}, {}, [], id="absent"),
        pytest.param({File: HAVE}, {"force": True}, [], id="forced"),
        pytest.param({File: HAVE}, {"cache_time": 60}, [Change("age", "3600 s", "at most 60 s")], id="old"),
        pytest.param(
            {File: HAVE, Sha256File: "0" * 64},
            {"sha256sum": "A" * 64},
            [Change("sha256", "0" * 64, "a" * 64)],
            id="another hash",
        ),
        pytest.param(
            {File: HAVE, Sha1File: None, Md5File: "b" * 32},
            {"sha1sum": "a" * 40, "md5sum": "b" * 32},
            [Change("sha1", None, "a" * 40)],
            id="one of two hashes",
        ),
        pytest.param({File: HAVE}, {"force": True, "mode": 600}, [Change("mode", "644", "600")], id="mode"),
    ],
)
def test_it_downloads(facts: dict[Any, Any], arguments: dict[str, Any], changes: list[Change]) -> None:
    done = evaluate(files.download, URL, "/d/x", facts={Date: NOW, **facts}, **arguments)
    assert done.steps[:-1] == changes
    assert "curl -sSLf" in command(done)


@pytest.mark.parametrize(
    ("facts", "arguments", "steps"),
    [
        pytest.param({}, {}, [], id="there"),
        pytest.param({}, {"cache_time": 3600}, [], id="not old"),
        pytest.param({}, {"cache_time": 0}, [], id="no cache time"),
        pytest.param({}, {"cache_time": 10**30}, [], id="never old"),
        pytest.param({Sha384File: "a" * 96}, {"sha384sum": "a" * 96}, [], id="the hash"),
        pytest.param({}, {"mode": 600}, [Change("mode", "644", "600"), sh("chmod", "600", "/d/x")], id="only the mode"),
        pytest.param({}, {"group": "g"}, [Change("group", "root", "g"), sh("chgrp", "g", "/d/x")], id="only the group"),
    ],
)
def test_it_does_not_download(facts: dict[Any, Any], arguments: dict[str, Any], steps: list[Any]) -> None:
    done = evaluate(files.download, URL, "/d/x", facts={File: HAVE, Date: NOW, **facts}, **arguments)
    assert done.steps == steps
    assert bool(done.noop) is not bool(steps)


def test_the_zone_of_the_host_does_not_matter() -> None:
    from datetime import timedelta, timezone

    there = NOW.astimezone(timezone(timedelta(hours=-8)))
    assert evaluate(files.download, URL, "/d/x", cache_time=3600, facts={File: HAVE, Date: there}).steps == []


@pytest.mark.parametrize(
    ("arguments", "curl", "wget"),
    [
        ({}, f'curl -sSLf -o "$ropewalk_new" {URL}', f'wget -q -O "$ropewalk_new" {URL}'),
        ({"insecure": True}, "--insecure", "--no-check-certificate"),
        ({"proxy": "http://p:1"}, "--proxy http://p:1", "env http_proxy=http://p:1 https_proxy=http://p:1 wget"),
        ({"limit_rate": "1M"}, "--limit-rate 1M", "--limit-rate 1M"),
        ({"headers": {"A": "b c"}}, "--header 'A: b c'", "--header 'A: b c'"),
        ({"extra_curl_args": {"--retry": "3", "-4": None}}, "--retry 3 -4 -o", "wget -q -O"),
        ({"extra_wget_args": {"--tries": "3"}}, "curl -sSLf -o", "wget -q --tries 3 -O"),
    ],
)
def test_words(arguments: dict[str, Any], curl: str, wget: str) -> None:
    text = command(evaluate(files.download, URL, "/d/x", facts={File: None}, **arguments))
    first, second = text.split("elif")
    assert curl in first
    assert wget in second


def test_where_it_downloads_to() -> None:
    def where(dest: str, **more: Any) -> str:
        return command(evaluate(files.download, URL, dest, facts={File: None}, **more))

    assert "mktemp /d/.ropewalk.X" in where("/d/x")
    assert "mktemp ./.ropewalk.X" in where("x")
    assert "mktemp /var/tmp/.ropewalk.X" in where("/d/x", temp_dir=Path("/var/tmp"))


def test_owner_and_mode_come_before_the_name() -> None:
    text = command(evaluate(files.download, URL, "/d/x", user="u", group="g", mode=4755, facts={File: None}))
    assert text.endswith('chown u:g "$ropewalk_new" && chmod 4755 "$ropewalk_new" && mv -f "$ropewalk_new" /d/x')


def test_secret_headers_are_on_standard_input() -> None:
    headers = {"Authorization": Secret('Bearer "x\\y'), "A": "b"}
    done = evaluate(files.download, URL, "/d/x", headers=headers, facts={File: None})
    assert "Bearer" not in command(done)
    text = command(done, reveal=True)
    assert "printf '%s\\n' 'header = \"Authorization: Bearer \\\"x\\\\y\"' | curl -sSLf -K - " in text
    assert "printf '%s\\n' 'header = Authorization: Bearer \"x\\y' | wget -q --config=/dev/stdin " in text


def test_secret_headers_arrive(tmp_path: Path) -> None:
    """A program in the place of curl sees the header, and not in its arguments."""
    (tmp_path / "curl").write_text('#!/bin/sh\ncat >"$LOG"; echo "$@" >"$LOG.arguments"\n')
    (tmp_path / "curl").chmod(0o755)
    done = evaluate(files.download, URL, str(tmp_path / "x"), headers={"T": Secret("s3cret")}, facts={File: None})
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "LOG": str(tmp_path / "log")}
    subprocess.run(["sh", "-c", command(done, reveal=True)], env=environment, check=True)
    assert (tmp_path / "log").read_text() == 'header = "T: s3cret"\n'
    assert "s3cret" not in (tmp_path / "log.arguments").read_text()


def test_neither_curl_nor_wget(tmp_path: Path) -> None:
    for program in ("mktemp", "rm"):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")
    done = evaluate(files.download, URL, str(tmp_path / "x"), facts={File: None})
    run = subprocess.run(
        ["/bin/sh", "-c", command(done)], env={"PATH": str(tmp_path)}, capture_output=True, check=False
    )
    assert run.returncode != 0
    assert b"neither curl nor wget is installed" in run.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mktemp", "rm"]


def test_wget_in_place_of_curl(tmp_path: Path) -> None:
    for program in ("mktemp", "rm", "touch", "chmod", "mv"):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")
    (tmp_path / "wget").write_text('#!/bin/sh\necho "$2 $4" >"$3"\n')
    (tmp_path / "wget").chmod(0o755)
    done = evaluate(files.download, URL, str(tmp_path / "x"), facts={File: None})
    subprocess.run(["/bin/sh", "-c", command(done)], env={"PATH": str(tmp_path)}, check=True)
    assert (tmp_path / "x").read_text() == f"-O {URL}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sha256sum": "abc"}, "sha256sum='abc' is not a hash"),
        ({"md5sum": "g" * 32}, "is not a hash"),
        ({"headers": {"A": "b\nc"}}, "the HTTP header 'A' holds a line end"),
        ({"headers": {"A": Secret("b\n")}}, "the HTTP header 'A' holds a line end"),
        ({"mode": "what"}, "is not a file mode"),
    ],
)
def test_values_that_make_no_sense(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(OperationValueError, match=message):
        evaluate(files.download, URL, "/d/x", facts={File: None}, **arguments)


@pytest.mark.parametrize(
    ("facts", "there"),
    [({Link: {"link_target": "/t"}}, "a link to /t"), ({Link: False, Directory: HAVE}, "a directory")],
)
def test_what_is_in_the_way(facts: dict[Any, Any], there: str) -> None:
    with pytest.raises(OperationError, match=f"/d/x is {there}, not a file"):
        evaluate(files.download, URL, "/d/x", facts={File: False, **facts})
