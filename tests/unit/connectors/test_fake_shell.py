"""The shell that does not exist, beside one that does: both carry out what the engine writes."""

from __future__ import annotations

import asyncio
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ropewalk.connectors.fake import FakeHost, syntax
from ropewalk.connectors.fake.login import login
from ropewalk.model.command import UploadTree
from ropewalk.shell import chain, framing, recognize
from ropewalk.shell.guard import guard_script
from ropewalk.shell.identity import Identity
from ropewalk.shell.process import Process, tell
from ropewalk.shell.script import script
from ropewalk.shell.transfer import download_script, tree_script, upload_script

MARKER = "ropewalk-" + "ab" * 16
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)
PATHS = TEXTS.map(lambda text: f"/{text}")


async def _said(fake: FakeHost, sent: list[str]) -> tuple[bytes, bytes, int]:
    await fake.connect(1)
    stream = fake.open(["sh"], pty=False)
    for text in sent:
        await stream.write(text.encode())
        await asyncio.sleep(0)
    await stream.write_eof()
    out, err = [], []
    for read, taken in ((stream.stdout, out), (stream.stderr, err)):
        while data := await read():
            taken.append(data)
    return b"".join(out), b"".join(err), await stream.wait()


def both(text: str, known: dict[str, tuple[str, str, int]]) -> None:
    """Have both shells carry out a text; what commands write is as here."""
    fake = FakeHost(lambda command: dict(zip(("output", "stderr", "status"), known[command], strict=True)))
    ours = asyncio.run(_said(fake, [text[:7], text[7:200], text[200:]]))
    done = subprocess.run(["sh"], input=text.encode(), capture_output=True, check=False)
    assert ours == (done.stdout, done.stderr, done.returncode)


def known(command: str) -> dict[str, tuple[str, str, int]]:
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    return {command: (done.stdout, done.stderr, done.returncode)}


COMMANDS = [
    "echo out", "echo err >&2; exit 3", "printf 'no end'", "true", "printf 'a\\n\\n\\n'", "echo \"it's; $(echo x)\"",
    "echo a\necho b", "printf ropewalk-%s 1",
]  # fmt: skip
SURROUNDINGS = [{}, {"chdir": "/"}, {"env": {"A": "b 'c'", "B": ""}}, {"shell": None}, {"hidden": True},
                {"shell": None, "chdir": "/tmp", "env": {"A": "$x"}}, {"hidden": True, "chdir": "/"}]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("around", SURROUNDINGS, ids=str)
def test_frames(command: str, around: dict[str, object]) -> None:
    made = script(command, delimiter=MARKER, **around)  # type: ignore[arg-type]
    both(framing.frame(made, MARKER) * 2, known(command))


@pytest.mark.parametrize("expected", ["out\n", "other\n"])
@pytest.mark.parametrize("around", [around for around in SURROUNDINGS if not around.get("hidden")], ids=str)
def test_chains(expected: str, around: dict[str, object]) -> None:
    def made(command: str):  # type: ignore[no-untyped-def]
        return script(command, delimiter=MARKER, **around)  # type: ignore[arg-type]

    facts = [(made("echo out"), b"out\n", 0), (made("echo out"), expected.encode(), 0), (made("exit 2"), b"", 2)]
    text = "".join(
        [
            chain.begin(),
            chain.guard(facts, MARKER),
            chain.command(made("echo did"), [0], MARKER),
            chain.command(made("exit 7"), [0, 7], MARKER),
            chain.guard(facts[:1], MARKER),
            chain.command(made("exit 9"), [0], MARKER),
            chain.command(made("echo never"), [0], MARKER),
            framing.frame(made("echo after"), MARKER),
        ]
    )
    commands = ["echo out", "exit 2", "echo did", "exit 7", "exit 9", "echo never", "echo after"]
    both(text, {name: answer for command in commands for name, answer in known(command).items()})


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_words_are_read_as_they_were_quoted(text: str) -> None:
    from ropewalk.model.command import sh

    [[command]], rest = syntax.lines(f"{sh('x', text).render()}\n")
    assert rest == ""
    assert isinstance(command, syntax.Simple)
    assert command.words == (("x",), (text,))


def test_what_is_beyond_it_is_told_and_never_guessed() -> None:
    for text in ("echo `id`\n", "for x in a; do echo; done &\n", "echo ${x:-y}\n", "x | y\n"):
        with pytest.raises(syntax.NotUnderstood):
            syntax.lines(text)


async def _engine_error(text: str) -> None:
    fake = FakeHost()
    stream = fake.open(["sh"], pty=False)
    await stream.write(text.encode())
    await stream.stdout()


def test_a_session_that_is_not_understood_ends_with_an_error() -> None:
    from ropewalk.model.errors import InternalError

    with pytest.raises(InternalError, match="does not understand"):
        asyncio.run(_engine_error("while :; do true & done | cat\n"))


# -- scripts that are recognized ---------------------------------------------------------------------------------------


@given(PATHS, st.binary(max_size=200), st.sampled_from([None, "640", "u+x"]), st.sampled_from([None, "app", "a b"]))
@settings(deadline=None)
def test_uploads(dest: str, content: bytes, mode: str | None, user: str | None) -> None:
    more = {"mode": mode, "user": user, "group": user, "temp_dir": "/tmp", "delimiter": MARKER}
    owner = f"{user}:{user}" if user else ""
    text, body = upload_script(dest, size=len(content), content=content, **more)  # type: ignore[arg-type]
    read = recognize.upload_of(text)
    assert read is not None
    assert (read.dest, read.mode, read.owner) == (dest, mode or "", owner)
    document = body.removeprefix("\n").removesuffix(MARKER)
    assert read.content(document, b"") == content
    text, _ = upload_script(dest, size=len(content), content=None, **more)  # type: ignore[arg-type]
    read = recognize.upload_of(text)
    assert read is not None
    assert read.content(None, content) == content
    assert read.content(None, content + b"x") is None


@given(PATHS, PATHS)
@settings(deadline=None)
def test_trees_downloads_and_guards(root: str, name: str) -> None:
    tree = UploadTree(root, {name[1:]: ("/x", None)}, user="app")
    read = recognize.tree_of(tree_script(tree.root, tree.files, user="app", group=None))
    assert read == (root.rstrip("/") or "/", "app")
    assert recognize.download_of(download_script(root)) == root
    assert recognize.download_of(f"cat {root}") is None
    assert recognize.upload_of(f"cat {root}") is None
    assert recognize.tree_of(f"cat {root}") is None


def test_a_shell_tells_which_process_it_is_but_not_when_it_began() -> None:
    read = recognize.without_time(f"{tell('MARK')}; echo on")
    assert "/proc" not in read
    assert read.count("MARK") == 2
    assert read.endswith("; echo on")
    assert recognize.without_time("echo on") == "echo on"


@pytest.mark.parametrize("itself", [True, False])
def test_guards(itself: bool) -> None:
    assert recognize.guard_of(guard_script(Process(4242), itself=itself)) == (4242, itself)
    assert recognize.guard_of(guard_script(Process(4242, "8812"), itself=itself)) == (4242, itself)
    assert recognize.guard_of("echo") is None


@pytest.mark.parametrize(
    ("identity", "user"),
    [
        (Identity(sudo=True), "root"),
        (Identity(sudo=True, sudo_user="app", sudo_login=True, sudo_keep_env=True), "app"),
        (Identity(su_user="app", su_login=True, su_keep_env=True), "app"),
        (Identity(su_user="app", su_shell="bash"), "app"),
        (Identity(doas=True, doas_user="app"), "app"),
        (Identity(dzdo=True), "root"),
    ],
)
def test_logins(identity: Identity, user: str) -> None:
    program = ["sh", "-c", "echo \"$$\" 'it''s'\n; exec sh"]
    found = login(identity.argv(program))
    assert found is not None
    assert (found.user, found.argv) == (user, program)
