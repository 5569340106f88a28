"""Facts about databases, Docker and git that deploys written for pyinfra v3 ask for: names, arguments and defaults."""

from __future__ import annotations

import importlib
import inspect

import pytest

from ropewalk.api import FactBase, ShortFactBase

PSQL = "psql_user=None, psql_password=None, psql_host=None, psql_port=None, psql_database=None"
MYSQL = "mysql_user=None, mysql_password=None, mysql_host=None, mysql_port=None"
SURFACE = {
    "docker.DockerAuths": ("", None),
    "docker.DockerContainer": ("object_id", None),
    "docker.DockerContainerFsChanges": ("container_id", None),
    "docker.DockerContainerProcesses": ("container_id", None),
    "docker.DockerContainerStats": ("", None),
    "docker.DockerContainers": ("", None),
    "docker.DockerImage": ("object_id", None),
    "docker.DockerImageHistory": ("image_id", None),
    "docker.DockerImages": ("", None),
    "docker.DockerNetwork": ("object_id", None),
    "docker.DockerNetworks": ("", None),
    "docker.DockerPlugin": ("object_id", None),
    "docker.DockerPlugins": ("", None),
    "docker.DockerSingleMixin": ("object_id", None),
    "docker.DockerSystemInfo": ("", None),
    "docker.DockerVersion": ("", None),
    "docker.DockerVolume": ("object_id", None),
    "docker.DockerVolumes": ("", None),
    "git.GitBranch": ("repo", None),
    "git.GitConfig": ("repo=None, system=False", {}),
    "git.GitLocalCommit": ("repo, ref='HEAD'", None),
    "git.GitRemoteBranchCommit": ("repo, remote='origin', branch=None", None),
    "git.GitTag": ("repo", None),
    "git.GitTrackingBranch": ("repo", None),
    "mysql.MysqlDatabases": (MYSQL, {}),
    "mysql.MysqlUserGrants": (f"user, hostname='localhost', {MYSQL}", {}),
    "mysql.MysqlUsers": (MYSQL, {}),
    "podman.PodmanPs": ("", None),
    "podman.PodmanSystemInfo": ("", None),
    "postgres.PostgresDatabases": (PSQL, {}),
    "postgres.PostgresFactBase": (PSQL, None),
    "postgres.PostgresRoles": (PSQL, {}),
    "postgresql.PostgresqlDatabases": (PSQL, {}),
    "postgresql.PostgresqlRoles": (PSQL, {}),
}
PARTS = {
    "docker.DockerContainerEnvs": "docker.DockerContainers",
    "docker.DockerContainerLabels": "docker.DockerContainers",
    "docker.DockerContainerMounts": "docker.DockerContainers",
    "docker.DockerContainerNetworks": "docker.DockerContainers",
    "docker.DockerContainerPorts": "docker.DockerContainers",
    "docker.DockerImageLabels": "docker.DockerImages",
    "docker.DockerImageLayers": "docker.DockerImages",
    "docker.DockerNetworkLabels": "docker.DockerNetworks",
    "docker.DockerVolumeLabels": "docker.DockerVolumes",
}


def _fact(name):
    module, _, cls = name.partition(".")
    return getattr(importlib.import_module(f"ropewalk.facts.{module}"), cls)


@pytest.mark.parametrize("name", SURFACE)
def test_names_arguments_and_defaults(name):
    fact = _fact(name)
    assert issubclass(fact, FactBase)
    assert fact.name == name
    arguments, default = SURFACE[name]
    parameters = list(inspect.signature(fact.command).parameters.values())[1:]
    spelled = [p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in parameters]
    assert ", ".join(spelled) == arguments
    assert fact.default() == default


@pytest.mark.parametrize("name", PARTS)
def test_facts_that_are_parts_of_others(name):
    assert issubclass(_fact(name), ShortFactBase)
    assert (_fact(name).name, _fact(name).fact) == (name, _fact(PARTS[name]))
    assert _fact(name)().process_data(None) == {}


@pytest.mark.parametrize(
    ("name", "program"),
    [("git.GitBranch", "git"), ("postgres.PostgresRoles", "psql"), ("docker.DockerImage", "docker"),
     ("docker.DockerVersion", "docker"), ("podman.PodmanPs", "podman")],
)  # fmt: skip
def test_the_program_a_fact_needs(name, program):
    assert _fact(name)().requires_command() == program


@pytest.mark.parametrize("name", [*SURFACE, *PARTS])
def test_every_fact_says_what_it_is(name):
    assert (_fact(name).__doc__ or "").strip().endswith(".")
