"""File modes: spellings, what they make of a mode, and what has to change."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.model.command import Change, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.files import modes
from ropewalk.operations.files.ownership import Attributes, adjust, differences


@pytest.mark.parametrize(
    ("given_mode", "text"),
    [
        (644, "644"),
        ("644", "644"),
        ("0644", "644"),
        ("0o644", "644"),
        ("0O644", "644"),
        (" 644 ", "644"),
        (0o644, "420"),  # Python's octal literal is the number 420
        (4755, "4755"),
        ("04755", "4755"),
        (0, "0"),
        ("000", "0"),
        (7, "7"),
        ("u+x", "u+x"),
        ("a=rX,g-w", "a=rX,g-w"),
        ("g=u", "g=u"),
        ("+t", "+t"),
        (None, None),
    ],
)
def test_spellings(given_mode: int | str | None, text: str | None) -> None:
    assert modes.normalise(given_mode) == text


@pytest.mark.parametrize("mode", [648, "888", "rwxr-xr-x", "", "u", "x+u", -644, "17777", True, "0o", "644;id", "6 44"])
def test_what_is_no_mode_is_refused(mode: int | str) -> None:
    with pytest.raises(OperationValueError, match="is not a file mode"):
        modes.normalise(mode)


def test_an_octal_literal_is_explained() -> None:
    with pytest.raises(OperationValueError) as caught:
        modes.normalise(0o755)  # 493
    assert '"0o755" in quotes' in str(caught.value.hint)


SYMBOLIC = st.lists(
    st.builds(
        "{}{}{}".format,
        st.text("ugoa", min_size=1, max_size=3),
        st.sampled_from("+-="),
        st.one_of(st.text("rwxXst", max_size=4), st.sampled_from("ugo")),
    ),
    min_size=1,
    max_size=3,
).map(",".join)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("modes")


@given(
    wanted=SYMBOLIC | st.integers(0, 0o7777).map("{:o}".format), have=st.integers(0, 0o7777), directory=st.booleans()
)
def test_modes_are_what_chmod_makes_of_them(scratch: Path, wanted: str, have: int, directory: bool) -> None:
    path = scratch / ("d" if directory else "f")
    if directory:
        path.mkdir(exist_ok=True)
    else:
        path.touch()
    os.chmod(path, have)
    assert stat.S_IMODE(path.stat().st_mode) == have, "the file system takes every mode"
    done = modes.result(modes.normalise(wanted) or "", f"{have:o}", directory=directory)
    subprocess.run(["chmod", "--", wanted, path], check=True)
    assert int(done, 8) == stat.S_IMODE(path.stat().st_mode)
    # ... and the octal form that is sent has the same effect.
    os.chmod(path, have)
    subprocess.run(["chmod", modes.command_form(done, f"{have:o}"), path], check=True)
    assert int(done, 8) == stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("wanted", "have", "after"),
    [("+x", 644, "755"), ("+w", 444, "644"), ("=rw", 755, "644"), ("-w", 666, "466"), ("+r", 0, "444")],
)
def test_without_ugoa_the_umask_022_counts(wanted: str, have: int, after: str) -> None:
    assert modes.result(wanted, have) == after


HAVE = {"user": "root", "group": "adm", "mode": 644}


@pytest.mark.parametrize(
    ("have", "want", "changes"),
    [
        (HAVE, Attributes(), []),
        (HAVE, Attributes("root", "adm", "644"), []),
        (HAVE, Attributes("root", "adm", "u=rw,go=r"), []),
        (HAVE, Attributes(mode="600"), [Change("mode", "644", "600")]),
        (HAVE, Attributes(mode="0"), [Change("mode", "644", "0")]),
        (HAVE, Attributes(mode="u+x"), [Change("mode", "644", "744")]),
        (HAVE, Attributes("www", None), [Change("user", "root", "www")]),
        (HAVE, Attributes(None, "www"), [Change("group", "adm", "www")]),
        (HAVE, Attributes("a", "b", "1"),
         [Change("user", "root", "a"), Change("group", "adm", "b"), Change("mode", "644", "1")]),
    ],
)  # fmt: skip
def test_differences(have: dict[str, object], want: Attributes, changes: list[Change]) -> None:
    assert differences(have, want) == changes


def commands(have: dict[str, object], want: Attributes, **how: bool) -> list[object]:
    return [step for step in adjust("/x", have, want, **how) if not isinstance(step, Change)]


@pytest.mark.parametrize(
    ("have", "want", "how", "steps"),
    [
        (HAVE, Attributes(mode="600"), {}, [sh("chmod", "600", "/x")]),
        (HAVE, Attributes(mode="a-r"), {}, [sh("chmod", "200", "/x")]),
        (HAVE, Attributes(mode="a-r"), {"recursive": True}, [sh("chmod", "-R", "a-r", "/x")]),
        (HAVE, Attributes(mode="-r"), {"recursive": True}, [sh("chmod", "-R", "--", "-r", "/x")]),
        (HAVE, Attributes("www"), {}, [sh("chown", "www", "/x")]),
        (HAVE, Attributes("www", "adm"), {}, [sh("chown", "www:adm", "/x")]),
        (HAVE, Attributes(None, "www"), {"recursive": True}, [sh("chgrp", "-R", "www", "/x")]),
        (HAVE, Attributes("-R"), {}, [sh("chown", "--", "-R", "/x")]),
        ({**HAVE, "mode": 4755}, Attributes("www", mode="4755"), {},
         [sh("chown", "www", "/x"), sh("chmod", "4755", "/x")]),
        (HAVE, Attributes("www", mode="4755"), {}, [sh("chown", "www", "/x"), sh("chmod", "4755", "/x")]),
        ({**HAVE, "mode": 2755}, Attributes(mode="755"), {"directory": True}, []),
        ({**HAVE, "mode": 2755}, Attributes(mode="755"), {}, [sh("chmod", "00755", "/x")]),
        ({**HAVE, "mode": 2755}, Attributes(mode="g-s"), {"directory": True}, [sh("chmod", "00755", "/x")]),
    ],
)  # fmt: skip
def test_adjust(have: dict[str, object], want: Attributes, how: dict[str, bool], steps: list[object]) -> None:
    assert commands(have, want, **how) == steps
