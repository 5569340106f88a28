"""Carries out what a page of the documentation shows: writes its files, runs its commands, compares their output.

A fenced block of Python or INI whose first line is ``# file: NAME`` is that file. In a ``console`` block, lines that
begin with ``$ `` are commands; what follows is what they write, on both streams. A line ``...`` there stands for any
number of lines, and durations are all the same.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DURATION = re.compile(r"\b\d+\.\d+s\b|\b\d+m\d+s\b")


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    language: str
    text: str
    line: int

    @property
    def file(self) -> str | None:
        found = re.match(r"# file: (\S+)\n", self.text)
        return found[1] if found else None


@dataclass(frozen=True)
class Command:
    """One command of a console block, and what it is said to write."""

    text: str
    output: tuple[str, ...]


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    text = page.read_text()
    return [Block(found[1], found[2], text[: found.start()].count("\n") + 1) for found in FENCE.finditer(text)]


def commands(block: Block) -> Iterator[Command]:
    """Yield the commands of a console block."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, *output = part.rstrip("\n").split("\n")
        yield Command(command, tuple(output))


def carry_out(page: Path, directory: Path, **environment: str) -> list[str]:
    """Write the files and run the commands of a page, in order; return the commands.

    :param environment: further environment variables of the commands.
    :raises AssertionError: a command writes something else than the page says.
    """
    ran = []
    for block in blocks(page):
        if block.file is not None:
            target = directory / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text.partition("\n")[2])
        elif block.language == "console":
            for command in commands(block):
                written = run(command.text, directory, **environment)
                where = f"{page.name}:{block.line}: $ {command.text}"
                assert matches(command.output, written), f"{where}\nwrites:\n" + "\n".join(written)
                ran.append(command.text)
    return ran


def run(command: str, directory: Path, **environment: str) -> list[str]:
    """Run a command as a reader of the page would; return the lines it writes."""
    around = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(directory),
        "LANG": "C.UTF-8", "TERM": "dumb", **environment,
    }  # fmt: skip
    done = subprocess.run(
        ["sh", "-c", command], cwd=directory, env=around, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.stdout.strip("\n").split("\n") if done.stdout.strip("\n") else []


def matches(shown: tuple[str, ...], written: list[str]) -> bool:
    """Say whether a command wrote what a page shows of it."""
    pattern = ""
    for line in shown:
        if line == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += re.escape(_plain(line)) + r"\n"
    return re.fullmatch(pattern, "".join(f"{_plain(line)}\n" for line in written)) is not None


def _plain(line: str) -> str:
    return DURATION.sub("0.0s", line).rstrip()
