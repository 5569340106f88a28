"""Secrets of any text are in no output, no argument vector, no environment but the command's own, and no file."""

from __future__ import annotations

import json
import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.e2e_run import Running

#: Every secret holds this and some letters: whatever shows a part of it that matters shows this.
MARK = "leopard-"
SPECIAL = "\"'`$\\!*?[]{}()<>|&;#~=%^-+@:,. \t\r\n\x01\x1b\x7fé\u2028☃😀"
#: Less of a secret than half of all text, so that masking it leaves something to read.
secrets = st.builds(
    "{}{}{}{}".format, st.text(SPECIAL, max_size=8), st.just(MARK),
    st.text(string.ascii_lowercase, min_size=8, max_size=8), st.text(SPECIAL, max_size=8),
)  # fmt: skip
OUTPUTS = {
    "plain": [], "-v": ["-v"], "-vvv": ["-vvv", "--diff", "--stats", "--debug"],
    "debug-all": ["-vv", "--debug-all", "--no-plan"], "operations": ["--debug-operations"], "json": ["--json", "-vvv"],
    "files": ["--events", "events", "--junit", "junit.xml", "--html", "page.html", "--github"],
}  # fmt: skip

#: Looks at all processes of the run and at what lies about, while the command that holds a secret runs.
SCAN = """
import os, re, sys
mark = re.compile(rb"leopar[d]-[a-z]{8}")
run = f"RUN={os.environ['RUN']}".encode()
seen, found = 0, False
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        environ, arguments = (open(f"/proc/{pid}/{name}", "rb").read() for name in ("environ", "cmdline"))
    except OSError:
        continue
    if run in environ.split(b"\\0"):
        seen += 1
        own = sys.argv[1] == "env" and b"MINE=1" in environ
        found = found or (own and bool(mark.search(environ)))
        if mark.search(arguments) or (mark.search(environ) and not own):
            print(f"{sys.argv[1]}: {arguments[:200]}", file=open("found", "a"))
for folder, _, names in os.walk("tmp"):
    for name in names:
        if mark.search(open(os.path.join(folder, name), "rb").read()):
            print(f"{sys.argv[1]}: file {name}", file=open("found", "a"))
print(sys.argv[1], seen >= 3, found, file=open("looked", "a"))
"""
DEPLOY = """
import json
from pathlib import Path

from ropewalk.api import Raw, Secret, operation, sh
from ropewalk.model.command import Upload
from ropewalk.model.v3command import HiddenValue, MaskString, QuoteString, StringCommand
from ropewalk.operations import python, server

text, v3, mask, given, env, failing, content = json.loads(Path("inputs/secrets.json").read_text())

def look(what):
    return Raw(f"| {{ cat >/dev/null; python3 scan.py {what}; }}")

@operation()
def steps(*given):
    yield from given

steps(sh("printf", "%s", Secret(text), look("text")), name="text")
steps(StringCommand("printf %s", QuoteString(HiddenValue(v3)), look("v3")), name="v3")
steps(StringCommand("printf %s", QuoteString(MaskString(mask)), look("mask")), name="mask")
steps(sh("python3", "scan.py", "input"), name="input", _stdin=Secret(given))
both = 'printf %s "$TOKEN"; printf %s "$TOKEN" >&2'
steps(f"{both}; MINE=1; export MINE; python3 scan.py env", name="env", _env={"TOKEN": Secret(env), "MINE": "1"})
steps(sh("echo", Secret(failing), Raw("; exit 3")), name="failing", _ignore_errors=True)
steps(Upload(Secret(content), "uploaded"), name="upload")

def callback():
    raise ValueError(f"the password {text} is wrong")

python.call(name="callback", function=callback, _ignore_errors=True)
"""

#: What the looks find: the processes of the run, and a variable where it has to be.
LOOKED = "text True False\nv3 True False\nmask True False\ninput True False\nenv True True\n"


@pytest.mark.parametrize("output", OUTPUTS)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(given=st.lists(secrets, min_size=7, max_size=7))
def test_nothing_shows(output: str, given: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for directory in ("inputs", "tmp", "home"):
            (folder / directory).mkdir()
        (folder / "inputs" / "secrets.json").write_text(json.dumps(given))
        (folder / "scan.py").write_text(SCAN)
        (folder / "deploy.py").write_text(DEPLOY)
        environment = {
            "TMPDIR": str(folder / "tmp"),
            "HOME": str(folder / "home"),
            "XDG_STATE_HOME": "",
            "RUN": folder.name,
        }
        words = ["-y", *OUTPUTS[output], "@local", "deploy.py"]
        with Running(words, cwd=folder, environment=environment) as running:
            ended = running.wait()
        assert MARK.encode() not in ended.out + ended.err
        if output == "operations":
            return
        ended.must(0)
        assert (folder / "looked").read_text() == LOOKED
        assert not (folder / "found").exists(), (folder / "found").read_text()
        assert (folder / "uploaded").read_bytes() == given[-1].encode()
        holding = [path for path in folder.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]
        assert sorted(path.name for path in holding) == ["secrets.json", "uploaded"]
