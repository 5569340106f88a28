"""Requirements of Python packages: read, and compared with what is installed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.api.python_requirements import PythonRequirement, fits, read_requirement, read_requirements_file


@pytest.mark.parametrize(
    ("text", "name", "specifier", "has_source"),
    [
        ("Flask", "flask", "", False),
        ("zope.interface [x, y] == 5.0", "zope-interface", "==5.0", False),
        ("a>=1,<2", "a", "<2,>=1", False),
        ("a @ https://h/a.zip", "a", "", True),
        ("git+ssh://git@h/r.git@v1#subdirectory=x&egg=A_b", "a-b", "", True),
        ("https://h/a.whl", None, "", True),
        ("./a", None, "", True),
        ("../a", None, "", True),
        ("/srv/a", None, "", True),
        ("~/a", None, "", True),
        (".", None, "", True),
        ("a-1.0-py3-none-any.whl", None, "", True),
        ("a-1.0.tar.gz", None, "", True),
    ],
)
def test_requirements(text, name, specifier, has_source):
    assert read_requirement(text) == PythonRequirement(name, specifier, has_source)


@pytest.mark.parametrize("text", ["", "a b", "a==", "-e .", "$(x)", "a;b;c", "a>=1 or b"])
def test_what_is_none_is_refused(text):
    with pytest.raises(ValueError, match="not a requirement"):
        read_requirement(text)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        found = read_requirement(text)
    except ValueError:
        return
    assert found.name is None or found.name == found.name.lower()


@pytest.mark.parametrize(
    ("version", "specifier", "expected"),
    [
        ("1.0", "", True),
        ("1.0", "==1", True),
        ("1.0+ds", "==1.0", True),
        ("2.0b1", ">=1", True),
        ("1.5", ">=1,<1.5", False),
        ("not a version", "==not a version", True),
        ("2004d", ">=1", False),
    ],
)
def test_versions(version, specifier, expected):
    assert fits(version, specifier) is expected


def test_a_file():
    lines = ["# comment", "-i https://h/simple", "--extra-index-url=https://h", "", "a==1 \\", "  --hash=sha256:00 \\",
             "  --hash=sha256:11", "B_c >= 2  # why", "d"]  # fmt: skip
    assert read_requirements_file(lines) == [
        PythonRequirement("a", "==1"),
        PythonRequirement("b-c", ">=2"),
        PythonRequirement("d"),
    ]
    assert read_requirements_file([]) == []


@pytest.mark.parametrize("line", ["-r more.txt", "-c limits.txt", "-e .", "./a", "https://h/a.whl",
                                  "a; sys_platform == 'win32'", "a @ https://h/a", "what is this", "--index",
                                  "-inspect"])  # fmt: skip
def test_files_with_more_than_requirements(line):
    assert read_requirements_file(["a", line]) is None
