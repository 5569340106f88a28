"""``ropewalk docs``: the reference in the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropewalk.cli.main import main


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["docs", *words]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_the_list_has_a_line_for_everything(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys).splitlines()
    assert "  apt.packages  Install, upgrade or remove packages, with one call of apt-get for all of them." in lines
    assert any(line.startswith("  server.Mounts  The mounted file systems") for line in lines)
    assert len(lines) > 400
    assert max(map(len, lines)) <= 100


def test_a_subject(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, "apt").splitlines()
    assert lines.index("Operations:") < lines.index("Facts:")
    assert [line.split()[0] for line in lines if line.startswith("  apt.k")] == ["apt.key"]
    assert [line.split()[0] for line in lines if line.startswith("  apt.AptK")] == ["apt.AptKeys"]


def test_an_operation(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "files.link")
    assert text.startswith("from ropewalk.operations import files\n\nfiles.link(path, target=None, present=True, ")
    for part in (
        "\n  target: str | None = None\n      what it points to",
        "\nExample:\n    files.link(",
        "\nMay read: files.",
        "\nTo see what it would run on a host: ropewalk HOST files.link path=... --dry -v\n",
    ):
        assert part in text


def test_a_fact(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "deb.DebPackage")
    assert text.startswith("from ropewalk.facts.deb import DebPackage\n\nhost.get_fact(DebPackage, package)\n")
    for part in (
        "\nValue: DebPackageDict | None\n  DebPackageDict:\n      name: str\n      version: str\n",
        '\nExample:\n    {"name": "nginx", "version": "1.22.1-9"}\n',
        "\nIf there is nothing to tell, or dpkg is not installed: None\n",
        "\nRuns:\n    dpkg-query ",
    ):
        assert part in text
    assert "PACKAGE" in text


def test_several_and_modules_in_modules(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "freebsd", "freebsd.pkg.install")
    assert "  freebsd.pkg.install  Install" in text
    assert "\nfreebsd.pkg.install(package, jail=None, reponame=None)\n" in text


def test_operations_of_other_packages(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs_shop.py").write_text(
        "from ropewalk.api import operation, sh\n"
        "@operation()\n"
        "def open_shop(door: str = 'front'):\n"
        '    """Open the shop.\n\n    :param door: which one.\n    """\n'
        "    yield sh('open', door)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    text = shown(capsys, "docs_shop.open_shop")
    assert text.startswith("from docs_shop import open_shop\n")
    assert "(door='front')\n\nOpen the shop.\n\nParameters:\n  door: str = 'front'\n      which one." in text


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("docs", "appt"), "there are no operations or facts called appt", "did you mean apt?"),
        (("docs", "apt.pakages"), "there is no operation pakages in apt", "did you mean packages?"),
        (("docs", "apt.AptSource"), "there is no fact AptSource in apt", "did you mean AptSources?"),
        (("docs", "deploy.py"), "deploy.py is not the name of an operation or fact", "write @ssh/docs"),
        (("docs", "exec"), "exec is not the name", "write @ssh/docs"),
        (("docs", "apt.update", "-y"), "docs takes names of operations and facts, and no options", "write @ssh/docs"),
    ],
)
def test_what_it_refuses(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str, hint: str) -> None:
    err = refused(capsys, *words)
    assert message in err
    assert hint in err
