"""The page about the command line keeps up with it."""

from __future__ import annotations

from pathlib import Path

from ropewalk.cli.command import COMMANDS
from ropewalk.cli.options import click_options
from ropewalk.model.outcome import ExitStatus

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "cli.md").read_text()


def test_every_command_is_on_the_page() -> None:
    assert [name for name in COMMANDS if f"INVENTORY {name}" not in PAGE] == []


def test_every_exit_status_is_on_the_pages() -> None:
    for page in (PAGE, (DOCS / "json.md").read_text()):
        assert [int(status) for status in ExitStatus if str(int(status)) not in page] == []


def test_every_option_of_the_page_exists() -> None:
    known = {flag for _, option in click_options() for flag in option.opts} | {"--help", "--support", "--version"}
    words = PAGE.replace("`", " ").replace("|", " ").replace(";", " ").replace(".", " ").split()
    mentioned = {word for word in words if word.startswith("--") and word[2:3].isalpha()}
    assert len(mentioned) > 15
    assert mentioned - known == set()


def test_every_option_has_a_sentence() -> None:
    assert [option.name for _, option in click_options() if not (option.help or "").endswith(".")] == []
