"""pip, uv, pipx, npm, gem, cargo and go for real: in a box without a network, with packages made on the spot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ropewalk.facts.cargo import CargoPackages
from ropewalk.facts.gem import GemPackages
from ropewalk.facts.go import GoPackages
from ropewalk.facts.npm import NpmPackages
from ropewalk.facts.pip import PipPackages
from ropewalk.facts.pipx import PipxPackages
from ropewalk.facts.uv import UvInstalledPythonsByImplementation, UvPipPackages, UvPythonDir, UvTools, UvVersion
from ropewalk.model.command import Change
from ropewalk.model.errors import FactError
from ropewalk.operations import cargo, gem, go, npm, pip, pipx, uv
from support import package_repositories as repositories
from support.box import Box, CommandFailed, why_not

pytestmark = [pytest.mark.root, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]


@pytest.fixture
def box() -> Iterator[Box]:
    made = Box()
    yield made
    made.close()


def changes(done):
    return [step for step in done.steps if isinstance(step, Change)]


@pytest.fixture
def wheels(box):
    box.needs("python3")
    repositories.wheels(box, ("Th.Tool", "1.0"), ("Th.Tool", "2.0"), ("th-lib", "1.0"))
    return box


def test_pip_in_an_environment(wheels):
    wheels.needs("pip")
    place = {"virtualenv": "/srv/it's a venv", "virtualenv_kwargs": {"venv": True}}
    done = wheels.converge(pip.packages, ["th-tool<2", "th_lib"], **place)
    assert changes(done)[1:] == [Change("th-tool", None, "<2"), Change("th-lib", None, "installed")]
    have = wheels.fact(PipPackages, pip="'/srv/it'\"'\"'s a venv/bin/pip'")
    assert (have["Th.Tool"], have["th-lib"]) == ({"1.0"}, {"1.0"})
    assert wheels.evaluate(pip.packages, ["TH.tool>=1", "th-lib==1.0"], **place).noop
    done = wheels.converge(pip.packages, ["th-tool", "th-lib"], latest=True, **place)
    assert changes(done) == [Change("th-tool", "1.0", "2.0")]
    wheels.converge(pip.packages, ["th-tool==1.0"], **place)
    wheels.write("/srv/r.txt", "th-tool == 2.0  # the newest\n-i https://example.org\n")
    wheels.sh("sed -i /-i/d /srv/r.txt")
    assert changes(wheels.converge(pip.packages, requirements="/srv/r.txt", **place)) == [
        Change("th-tool", "1.0", "== 2.0".replace(" ", ""))
    ]
    wheels.converge(pip.packages, ["th-lib"], present=False, **place)
    wheels.converge(pip.packages, requirements="/srv/r.txt", present=False, **place)
    with pytest.raises(CommandFailed):
        wheels.apply(pip.packages, ["th-nix"], **place)
    wheels.converge(pip.virtualenv, "/srv/it's a venv", present=False)


def test_editable_packages_count(wheels):
    wheels.needs("pip")
    wheels.converge(pip.venv, "/srv/v", site_packages=True)
    wheels.write("/srv/src/setup.py", "from setuptools import setup\nsetup(name='Th_Edit.able', version='0.1')\n")
    wheels.sh("/srv/v/bin/pip install -q --no-build-isolation -e /srv/src")
    assert {"0.1"} in wheels.fact(PipPackages, pip="/srv/v/bin/pip").values()
    assert wheels.evaluate(pip.packages, ["th-edit-able"], virtualenv="/srv/v").noop


def test_virtualenv(wheels):
    wheels.needs("virtualenv")
    wheels.converge(pip.virtualenv, "/srv/v v", python="python3", always_copy=True)
    wheels.sh("rm '/srv/v v/bin/activate'")  # as if it had been left half made
    wheels.converge(pip.virtualenv, "/srv/v v")


def test_uv(wheels):
    wheels.needs("uv")
    assert wheels.fact(UvVersion).startswith("uv ")
    wheels.converge(uv.venv, "/srv/a venv", seed=False, python="3", link_mode="copy")
    to = {"extra_args": ["--python", "/srv/a venv"]}
    assert changes(wheels.converge(uv.packages, ["th-tool<2"], **to)) == [Change("th-tool", None, "<2")]
    assert wheels.fact(UvPipPackages, options=["--python", "/srv/a venv"]) == {"th-tool": {"1.0"}}
    done = wheels.converge(uv.packages, "th-tool", latest=True, **to)
    assert changes(done) == [Change("th-tool", "1.0", "2.0")]
    wheels.write("/srv/r.txt", "th-lib\n")
    wheels.converge(uv.packages, [], requirements="/srv/r.txt", **to)
    wheels.converge(uv.packages, ["th-lib", "th-tool"], present=False, **to)
    wheels.sh("mkdir /srv/full && touch /srv/full/file")
    with pytest.raises(CommandFailed):
        wheels.apply(uv.venv, "/srv/full")
    wheels.converge(uv.venv, "/srv/full", allow_existing=True)
    wheels.sh("test -e /srv/full/file")
    wheels.converge(uv.venv, "/srv/full", present=False)


def test_uv_tools(wheels):
    wheels.needs("uv")
    wheels.converge(uv.tools, "th-tool==1.0")
    assert wheels.fact(UvTools) == {"th-tool": {"1.0"}}
    assert wheels.evaluate(uv.tools, "th-tool").noop
    assert changes(wheels.converge(uv.tools, "th-tool==2.0")) == [Change("th-tool", "1.0", "==2.0")]
    assert wheels.evaluate(uv.tools, "th-tool", latest=True).noop
    wheels.converge(uv.tools, "th-tool==1.0")
    assert changes(wheels.converge(uv.tools, "th-tool", latest=True)) == [Change("th-tool", "1.0", "2.0")]
    assert wheels.evaluate(uv.tools_upgrade_all).noop
    done = wheels.converge(uv.tools_update_shell)
    assert changes(done) == [Change("PATH", None, "/root/.local/bin")]
    wheels.converge(uv.tools, "th-tool", present=False)
    assert wheels.fact(UvTools) == {}


def test_uv_pythons(wheels):
    wheels.needs("uv")
    [key, *_] = wheels.fact(UvInstalledPythonsByImplementation, is_managed=False)
    version = key.split("-")[1]
    assert wheels.evaluate(uv.pythons, [version, version.rpartition(".")[0], key], managed=False).noop
    assert wheels.fact(UvPythonDir).startswith("/")
    assert wheels.evaluate(uv.pythons, ["3.7"], present=False).noop
    with pytest.raises(CommandFailed):
        wheels.apply(uv.pythons, ["3.7"])


def test_pipx(wheels):
    wheels.needs("pipx")
    wheels.converge(pipx.packages, "th-tool==1.0")
    assert wheels.evaluate(pipx.packages, "Th_Tool").noop
    assert wheels.sh("/root/.local/bin/Th.Tool; pipx list --short").split()[-1] == "1.0"
    assert changes(wheels.converge(pipx.packages, "th-tool==2.0")) == [Change("th-tool", "1.0", "==2.0")]
    wheels.converge(pipx.packages, "th-tool<2")
    assert changes(wheels.evaluate(pipx.packages, "th-tool", latest=True)) == [Change("th-tool", "1.0", "2.0")]
    wheels.converge(pipx.packages, "th-tool", present=False)
    assert wheels.fact(PipxPackages) == {}
    wheels.apply(pipx.packages, "th-tool")
    assert wheels.evaluate(pipx.upgrade_all).noop
    wheels.converge(pipx.ensure_path)


def test_npm(box):
    box.needs("npm", "curl", "python3")
    repositories.npm_registry(box, {"th-a": ["1.0.0", "1.1.0", "2.0.0"], "@th/b": ["1.0.0"]})
    done = box.converge(npm.packages, ["th-a@1.0.0", "@th/b"])
    assert changes(done) == [Change("th-a", None, "1.0.0"), Change("@th/b", None, "installed")]
    assert changes(box.converge(npm.packages, ["th-a", "@th/b"], latest=True)) == [Change("th-a", "1.0.0", "2.0.0")]
    assert box.fact(NpmPackages).items() >= {"th-a": {"2.0.0"}, "@th/b": {"1.0.0"}}.items()
    box.converge(npm.packages, ["th-a@next", "@th/b"], present=False)
    assert "th-a" not in box.fact(NpmPackages)

    here = "/srv/it's here"
    assert box.fact(NpmPackages, directory=here) == {}
    box.converge(npm.packages, "th-a@1.0.0", directory=here)
    box.write("/srv/package.json", "{}")  # npm would take the directory above
    box.converge(npm.packages, "@th/b", directory=here)
    box.sh(f'echo \'{{"dependencies": {{"th-a": "^1.0.0"}}}}\' >"{here}/package.json"')
    done = box.converge(npm.packages, "th-a", latest=True, directory=here)
    assert changes(done) == [Change("th-a", "1.0.0", "1.1.0")]
    with pytest.raises(CommandFailed):
        box.apply(npm.packages, "th-nix")
    box.sh("echo registry=http://127.0.0.1:9/ >>/root/.npmrc && npm cache clean --force")
    with pytest.raises(FactError, match="npm failed"):
        box.evaluate(npm.packages, "th-a", latest=True, directory=here)


def test_gem(box):
    box.needs("gem")
    repositories.gems(box, ("th-gem", "1.0"), ("th-gem", "2.0"))
    box.converge(gem.packages, "th-gem:1.0")
    assert changes(box.converge(gem.packages, "th-gem", latest=True)) == [Change("th-gem", "1.0", "2.0")]
    assert box.fact(GemPackages)["th-gem"] == {"1.0", "2.0"}
    assert "json" in box.fact(GemPackages)  # came with Ruby
    assert box.evaluate(gem.packages, ["th-gem:2.0", "json"]).noop
    box.converge(gem.packages, "th-gem", present=False)
    with pytest.raises(CommandFailed):
        box.apply(gem.packages, "th-nix")


def test_cargo(box):
    box.needs("cargo", "cc")
    repositories.cargo_registry(box, ("th-crate", "1.0.0"), ("th-crate", "1.1.0"))
    box.converge(cargo.packages, "th-crate@1.0.0")
    assert box.evaluate(cargo.packages, ["th-crate"]).noop
    assert changes(box.converge(cargo.packages, "th-crate@1.1.0")) == [Change("th-crate", "1.0.0", "1.1.0")]
    assert box.fact(CargoPackages) == {"th-crate": {"1.1.0"}}
    box.converge(cargo.packages, "th-crate", present=False)
    with pytest.raises(CommandFailed):
        box.apply(cargo.packages, "th-nix")


def test_go(box):
    box.needs("go", "python3")
    repositories.go_modules(box, ("example.com/th-one", "v1.0.0"), ("example.com/th-one", "v1.1.0"),
                            ("example.com/th-two", "v0.1.0"))  # fmt: skip
    box.converge(go.packages, ["example.com/th-one@v1.0.0", "example.com/th-two"])
    names = ["example.com/th-one", "example.com/th-two"]
    done = box.converge(go.packages, names, latest=True)
    assert changes(done) == [Change("example.com/th-one", "v1.0.0", "v1.1.0")]
    box.converge(go.packages, "example.com/th-one@v1.0.0")
    done = box.converge(go.packages, "example.com/th-one@latest")
    assert changes(done) == [Change("example.com/th-one", "v1.0.0", "v1.1.0")]
    box.converge(go.packages, "example.com/th-one@latest", present=False)
    box.converge(go.packages, "example.com/th-one@latest")
    box.converge(go.packages, "example.com/th-one/cmd/th-tool")
    assert box.fact(GoPackages)["example.com/th-one/cmd/th-tool"] == {"v1.1.0"}
    box.converge(go.packages, ["example.com/th-one/cmd/th-tool", *names], present=False)
    assert box.sh("ls /root/go/bin") == ""
    with pytest.raises(CommandFailed):
        box.apply(go.packages, "example.com/th-nix")
