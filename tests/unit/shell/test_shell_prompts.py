"""Questions of sudo, su and their relatives are recognised, and nothing else is."""

from __future__ import annotations

import pytest

from ropewalk.shell.identity import SUDO_PROMPT, Identity
from ropewalk.shell.prompts import UNKNOWN_USER, Ask, asked, clean, wants_password

NOBODY = Identity()
SUDO = Identity(sudo=True)
SU = Identity(su_user="web")
BOTH = Identity(sudo=True, su_user="web")


@pytest.mark.parametrize(
    ("text", "identity", "kind"),
    [
        (SUDO_PROMPT, SUDO, Ask.SUDO),
        (SUDO_PROMPT, BOTH, Ask.SUDO),
        (f"Sorry, try again.\n{SUDO_PROMPT}", SUDO, Ask.SUDO),
        (f"sudo: unable to resolve host x: Name or service not known\n{SUDO_PROMPT}", SUDO, Ask.SUDO),
        ("[sudo: authenticate] Password: ", SUDO, Ask.SUDO),  # sudo-rs
        ("[sudo] password for me: ", BOTH, Ask.SUDO),
        ("[sudo: Mot de passe] : ", BOTH, Ask.SUDO),
        ("Password: ", SUDO, Ask.SUDO),
        ("Password: ", SU, Ask.SU),
        ("Password: ", BOTH, Ask.SU),
        ("Passwort: ", SU, Ask.SU),
        ("Mot de passe\u00a0: ", SU, Ask.SU),
        ("密码\uff1a", SU, Ask.SU),
        ("パスワード: ", SU, Ask.SU),
        ("Пароль:", SU, Ask.SU),
        ("a line\nPassword: ", SU, Ask.SU),
        ("Password: ", NOBODY, None),
        ("", SU, None),
        ("Passw", SU, None),
        ("Password: \n", SU, None),
        ("su: Authentication failure\n", SU, None),
        ("warning: something", SU, None),
        ("a: b", SUDO, None),
        ("[ropewalk su", SUDO, None),
    ],
)
def test_questions(text: str, identity: Identity, kind: Ask | None) -> None:
    assert asked(text, identity) is kind


@pytest.mark.parametrize("prompt", [SUDO_PROMPT, "Password: "])
def test_a_question_that_arrives_in_pieces_is_none_until_it_is_whole(prompt: str) -> None:
    whole = prompt.rstrip()
    for end in range(len(whole)):
        assert asked(whole[:end], SUDO) is None
    assert asked(whole, SUDO) is Ask.SUDO


@pytest.mark.parametrize(
    "text",
    [
        "sudo: unknown user: web", "sudo: unknown user web", "sudo: user 'web' not found",
        "sudo-rs: user 'web' not found",
        "su: user web does not exist or the user entry does not contain all the required fields",
        "su: unknown user web", "su: unknown login: web", "su: Unknown id: web", "doas: unknown user",
        "dzdo: unknown user: web", "motd\nsudo: unknown user web\n",
    ],
)  # fmt: skip
def test_unknown_users(text: str) -> None:
    assert UNKNOWN_USER.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "sudo: a password is required",
        "su: Authentication failure",
        "echo sudo: unknown user",
        "id: web: no such user",
        "",
    ],
)
def test_other_failures_are_not_about_unknown_users(text: str) -> None:
    assert not UNKNOWN_USER.search(text)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("sudo: a password is required", True),
        ("sudo: a terminal is required to read the password", True),
        ("sudo: interactive authentication is required", True),
        ("sudo: no tty present and no askpass program specified", True),
        ("doas: Authentication required", True),
        ("sudo: unknown user web", False),
        ("", False),
    ],
)
def test_missing_passwords(text: str, missing: bool) -> None:
    assert wants_password(text) is missing


def test_what_was_said_without_the_questions() -> None:
    assert clean(f"{SUDO_PROMPT}\r\nSorry, try again.\n\n{SUDO_PROMPT} sudo: no password was provided\n") == (
        "Sorry, try again.\nsudo: no password was provided"
    )
