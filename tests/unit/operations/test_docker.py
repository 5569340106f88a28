"""Docker's operations from recorded facts: what differs, what has to be done, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.facts.docker import (
    DockerAuths,
    DockerContainer,
    DockerImage,
    DockerNetwork,
    DockerPlugin,
    DockerSystemInfo,
    DockerVolume,
)
from ropewalk.facts.files import FileContents
from ropewalk.facts.podman import PodmanPs, PodmanSystemInfo
from ropewalk.facts.server import Which
from ropewalk.model.command import Change, Secret
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import docker
from ropewalk.operations.docker import container_values as values
from ropewalk.testing import Evaluated, evaluate

#: A container as ``docker container inspect`` shows it, with the parts that are looked at.
PLAIN: dict[str, Any] = {
    "Id": "ab" * 32,
    "Name": "/web",
    "State": {"Running": True, "Paused": False},
    "Config": {
        "Image": "nginx:1", "Hostname": "abab", "User": "", "Env": ["PATH=/bin", "A=1"], "Cmd": ["nginx"],
        "Entrypoint": None, "Labels": {"x": "y"}, "Volumes": {"/data": {}},
    },
    "HostConfig": {
        "NetworkMode": "front", "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}, "Binds": ["v:/v:ro"],
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}, "NanoCpus": 1_500_000_000, "Memory": 2**29,
        "AutoRemove": False, "Privileged": False, "Dns": ["10.0.0.1"],
        "Mounts": [{"Type": "bind", "Source": "/a", "Target": "/b", "ReadOnly": True}],
    },
    "NetworkSettings": {"Networks": {"front": {"NetworkID": "cd" * 32}}},
}  # fmt: skip
INFO = {"MemoryLimit": True}


def run(have: dict[str, Any] | None = PLAIN, facts: dict[Any, Any] | None = None, **wish: Any) -> Evaluated:
    known = {DockerContainer: [have] if have else [], DockerSystemInfo: INFO, **(facts or {})}
    return evaluate(docker.container, "web", facts=known, **wish)


def changed(done: Evaluated) -> list[str]:
    return [step.attribute for step in done.steps if isinstance(step, Change)]


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"image": "nginx:1"},
        {"image": "docker.io/library/nginx:1"},
        {"ports": ["8080:80"]},
        {"networks": ["front"]},
        {"networks": ["name=front,alias=www"]},
        {"networks": ["cd" * 32]},
        {"volumes": ["v:/v:ro"]},
        {"volumes": ["v:/v:ro", "/data"]},
        {"mounts": ["type=bind,source=/a,destination=/b,readonly"]},
        {"env_vars": ["A=1", "FROM_THE_TOOL"]},
        {"env_vars": [Secret("A=1")]},
        {"labels": ["x=y"]},
        {"restart_policy": "on-failure:3"},
        {"cpus": 1.5, "memory": "512m"},
        {"dns": ["10.0.0.1"]},
        {"command": "nginx", "entrypoint": "", "hostname": "abab"},
        {"extra_args": ["--init"], "ports": ["8080:80"]},
    ],
)
def test_what_is_as_wanted(wish: dict[str, Any]) -> None:
    facts = {FileContents: None}
    if "FROM_THE_TOOL" in wish.get("env_vars", []):
        have = {**PLAIN, "Config": {**PLAIN["Config"], "Env": ["A=1", "FROM_THE_TOOL=?"]}}
        assert run(have, facts, **wish).steps == []
    else:
        done = run(PLAIN, facts, **wish)
        assert (done.steps, bool(done.noop)) == ([], True)


@pytest.mark.parametrize(
    ("wish", "attributes"),
    [
        ({"image": "nginx"}, ["image"]),
        ({"ports": ["8081:80"]}, ["ports"]),
        ({"ports": ["8080:80", "127.0.0.1:81:81/udp"]}, ["ports"]),
        ({"ports": ["8080:80", "90:90"], "extra_args": ["--init"]}, ["ports"]),
        ({"networks": ["host"]}, ["networks"]),
        ({"networks": ["container:db"]}, ["networks"]),
        ({"volumes": ["v:/v"]}, ["volumes"]),
        ({"mounts": ["type=bind,src=/a,dst=/b"]}, ["mounts"]),
        ({"env_vars": ["A=2", "B="]}, ["env A", "env B"]),
        ({"env_vars": ["NEW"]}, ["env NEW"]),
        ({"labels": ["x=z", "n="]}, ["label x", "label n"]),
        ({"memory": "1g"}, ["memory"]),
        ({"dns": ["10.0.0.2"]}, ["dns"]),
        ({"command": "nginx -g 'a b'"}, ["command"]),
        ({"entrypoint": "/init", "user": "www", "hostname": "w"}, ["hostname", "user", "entrypoint"]),
        ({"privileged": True, "auto_remove": True}, ["auto_remove", "privileged"]),
    ],
)
def test_what_needs_a_new_container(wish: dict[str, Any], attributes: list[str]) -> None:
    done = run(**{"image": "nginx:1", **wish})
    assert changed(done) == attributes
    *_, replace, start = map(str, done.steps)
    assert "docker container create" in replace
    assert "docker container rename" in replace
    assert start == "docker container start web"


@pytest.mark.parametrize("wish", [{"force": True}, {"hostname": "other"}])
def test_a_container_without_an_image_is_not_made_anew(wish: dict[str, Any]) -> None:
    with pytest.raises(OperationError, match="no image is given"):
        run(**wish)


@pytest.mark.parametrize(
    ("wish", "steps"),
    [
        ({"networks": ["back"]}, ["docker network connect back web", "docker network disconnect front web"]),
        ({"networks": ["front", "hosting"]}, ["docker network connect hosting web"]),
        ({"networks": ["hosting"]}, ["docker network connect hosting web", "docker network disconnect front web"]),
        ({"networks": ["back"], "extra_args": ["--x"]}, ["docker network connect back web"]),
        ({"restart_policy": "no"}, ["docker container update --restart no web"]),
        ({"restart_policy": "always", "cpus": 2},
         ["docker container update --restart always --cpus 2 web"]),
        ({"start": False}, ["docker container stop web"]),
    ],
)  # fmt: skip
def test_what_is_changed_in_place(wish: dict[str, Any], steps: list[str]) -> None:
    assert [str(step) for step in run(**wish).steps if not isinstance(step, Change)] == steps


def test_a_limit_that_the_kernel_cannot_keep_is_no_reason_for_a_new_container() -> None:
    assert run(facts={DockerSystemInfo: {"MemoryLimit": False}}, image="nginx:1", memory="1g").steps == []


def test_a_new_container() -> None:
    done = run(None, image="app", networks=["a", "b"], pull_always=True, auto_remove=True, privileged=True, cpus=0.5,
               entrypoint="", mounts=["type=tmpfs,target=/t"], extra_args=["--init"])  # fmt: skip
    assert [str(step) for step in done.steps] == [
        "docker container create --name web --network a --mount type=tmpfs,target=/t --pull always --rm --privileged "
        "--entrypoint '' --cpus 0.5 --init app",
        "docker network connect b web",
        "docker container start web",
    ]
    assert run(None, present=False).steps == []


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"image": "-x"}, "cannot be the name of an image"),
        ({"command": "echo 'x"}, "cannot read the command"),
        ({"env_vars": [Secret("A")]}, "is one line, name=value"),
        ({"env_vars": [Secret("A=1\nB=2")]}, "is one line, name=value"),
    ],
)
def test_what_is_refused(wish: dict[str, Any], message: str) -> None:
    with pytest.raises(OperationValueError, match=message):
        run(None, **{"image": "app", **wish})


def test_a_secret_is_not_in_the_words() -> None:
    [create, _] = run(None, image="app", env_vars=[Secret("P=it's")]).steps
    assert "it's" not in str(create)
    assert "--env-file /dev/fd/8" in str(create)


@pytest.mark.parametrize("name", ["", "a b", "-x", "ü", "x"])
def test_names_of_containers(name: str) -> None:
    with pytest.raises(OperationValueError, match="cannot be the name of a container"):
        evaluate(docker.container, name, facts={})


def test_a_host_without_docker() -> None:
    for operation, fact in (
        (docker.image, DockerImage),
        (docker.volume, DockerVolume),
        (docker.network, DockerNetwork),
    ):
        with pytest.raises(OperationError, match="docker is not installed"):
            evaluate(operation, "x", present=False, facts={fact: None, Which: None})
        assert evaluate(operation, "x", present=False, facts={fact: None, Which: "/bin/docker"}).steps == []
        with pytest.raises(OperationValueError, match="needs a name"):
            evaluate(operation, "", facts={fact: []})


def test_a_name_is_not_the_beginning_of_an_id() -> None:
    have = {"Name": "other", "Id": "abc" + "0" * 61, "Driver": "local"}
    assert evaluate(docker.volume, "abc", present=False, facts={DockerVolume: [have]}).steps == []


# -- networks, volumes, images -----------------------------------------------------------------------------------------

NETWORK: dict[str, Any] = {
    "Name": "app", "Id": "ef" * 32, "Driver": "bridge", "Scope": "local", "Attachable": True, "Ingress": False,
    "IPAM": {"Driver": "default", "Options": {}, "Config": [{
        "Subnet": "10.9.0.0/24", "Gateway": "10.9.0.1", "IPRange": "10.9.0.128/25",
        "AuxiliaryAddresses": {"r": "10.9.0.2"},
    }]},
    "Options": {"mtu": "1400"}, "Labels": {"a": "b"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("have", "wish", "commands"),
    [
        (None, {}, ["docker network create -- app"]),
        (None, {"driver": "macvlan", "subnet": "10.9.0.0/24", "labels": ["a=it's"], "aux_addresses": {"r": "10.9.0.2"},
                "attachable": True},
         ["docker network create --driver macvlan --subnet 10.9.0.0/24 --attachable --aux-address r=10.9.0.2 "
          "--label 'a=it'\"'\"'s' -- app"]),
        (None, {"present": False}, []),
        (NETWORK, {"present": False}, ["docker network rm -- app"]),
        (NETWORK, {"driver": "bridge", "gateway": "10.9.0.1", "ip_range": "10.9.0.128/25", "attachable": True,
                   "aux_addresses": {"r": "10.9.0.2"}, "opts": ["mtu=1400"], "labels": ["a=b"]}, []),
    ],
)  # fmt: skip
def test_networks(have: dict[str, Any] | None, wish: dict[str, Any], commands: list[str]) -> None:
    done = evaluate(docker.network, "app", facts={DockerNetwork: [have] if have else []}, **wish)
    assert [str(step) for step in done.steps] == commands
    assert bool(done.noop) == (not commands)


@pytest.mark.parametrize(
    "wish",
    [{"driver": "macvlan"}, {"subnet": "10.8.0.0/24"}, {"ingress": True}, {"labels": ["a=c"]}, {"opts": ["mtu=9000"]},
     {"aux_addresses": {"r": "10.9.0.3"}}, {"ipam_opts": ["x=y"]}, {"scope": "swarm"}],
)  # fmt: skip
def test_networks_that_differ(wish: dict[str, Any]) -> None:
    with pytest.raises(OperationError, match="cannot be changed"):
        evaluate(docker.network, "app", facts={DockerNetwork: [NETWORK]}, **wish)


def test_builds() -> None:
    wish: dict[str, Any] = {
        "tags": ["a:1", "a"], "dockerfile": "-f", "build_args": {"x": "y z"}, "labels": {"l": "m"}, "target": "t",
        "platform": "linux/arm64", "network": "host", "cache_from": "c", "cache_to": ["d"], "pull": True,
        "secrets": ["id=s"], "no_cache": True, "builder": "b", "build_cmd": "docker buildx build",
    }  # fmt: skip
    [step] = evaluate(docker.build, "-dir", facts={DockerImage: []}, **wish).steps
    assert str(step) == (
        "docker buildx build --builder b --tag a:1 --tag a --file ./-f --build-arg 'x=y z' --label l=m --target t "
        "--platform linux/arm64 --network host --cache-from c --cache-to d --secret id=s --pull --no-cache -- ./-dir"
    )
    there = {DockerImage: [{"RepoTags": ["a:1"]}]}
    assert evaluate(docker.build, "/d", tags="a:1", facts=there).steps == []
    assert len(evaluate(docker.build, "/d", tags="a:1", force=True, facts=there).steps) == 1
    assert len(evaluate(docker.build, "/d", facts={}).steps) == 1


# -- values ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("80", {("80/tcp", "", "")}),
        ("8080:80", {("80/tcp", "", "8080")}),
        ("80/udp", {("80/udp", "", "")}),
        ("127.0.0.1::80", {("80/tcp", "127.0.0.1", "")}),
        ("[::1]:8080:80", {("80/tcp", "::1", "8080")}),
        ("80-81", {("80/tcp", "", ""), ("81/tcp", "", "")}),
        ("8080-8090:80", {("80/tcp", "", "8080-8090")}),
    ],
)
def test_ports(published: str, expected: set[Any]) -> None:
    assert values.bindings(published) == expected


@pytest.mark.parametrize("published", ["", "x", "1:2:3:4", "8080-8082:80-81", "80/"])
def test_what_is_no_port(published: str) -> None:
    with pytest.raises(OperationValueError, match=r"is not a port|different lengths"):
        values.bindings(published)


@pytest.mark.parametrize("mount", ["", "type=bind", "source=/a"])
def test_what_is_no_mount(mount: str) -> None:
    with pytest.raises(OperationValueError, match="is not a mount"):
        values.mount(mount)


@pytest.mark.parametrize("memory", ["", "much", "-1m", "1z"])
def test_what_is_no_amount(memory: str) -> None:
    with pytest.raises(OperationValueError, match="is not an amount"):
        values.bytes_of(memory)


# -- plugins, compose, registries --------------------------------------------------------------------------------------

PLUGIN = {"Name": "sshfs:latest", "Enabled": True, "Settings": {"Env": ["DEBUG=0", "X=y"]}}


@pytest.mark.parametrize(
    ("have", "wish", "commands"),
    [
        (None, {}, ["docker plugin install --grant-all-permissions -- sshfs"]),
        (None, {"alias": "s", "enabled": False, "plugin_options": {"DEBUG": 1}},
         ["docker plugin install --grant-all-permissions --alias s --disable -- sshfs DEBUG=1"]),
        (None, {"present": False}, []),
        (PLUGIN, {}, []),
        (PLUGIN, {"plugin_options": {"DEBUG": 0}}, []),
        (PLUGIN, {"present": False}, ["docker plugin rm --force -- sshfs"]),
        (PLUGIN, {"enabled": False}, ["docker plugin disable -- sshfs"]),
        (PLUGIN, {"plugin_options": {"DEBUG": 1}},
         ["docker plugin disable -- sshfs", "docker plugin set -- sshfs DEBUG=1", "docker plugin enable -- sshfs"]),
        ({**PLUGIN, "Enabled": False}, {}, ["docker plugin enable -- sshfs"]),
        ({**PLUGIN, "Enabled": False}, {"enabled": False, "plugin_options": {"N": "it's"}},
         ["docker plugin set -- sshfs 'N=it'\"'\"'s'"]),
    ],
)  # fmt: skip
def test_plugins(have: dict[str, Any] | None, wish: dict[str, Any], commands: list[str]) -> None:
    done = evaluate(docker.plugin, "sshfs", facts={DockerPlugin: [have] if have else []}, **wish)
    assert [str(step) for step in done.steps if not isinstance(step, Change)] == commands
    assert bool(done.noop) == (not commands)


@pytest.mark.parametrize(
    ("wish", "command"),
    [
        ({}, "docker compose --project-directory /srv/a up --detach --remove-orphans"),
        ({"files": "~/c.yml", "project_name": "p", "pull": "always", "build": True, "force_recreate": True,
          "remove_orphans": False},
         "docker compose --project-directory /srv/a --project-name p -f ~/c.yml up --detach --pull always --build "
         "--force-recreate"),
        ({"files": ["a b", "-c"], "compose_command": "docker-compose"},
         "docker-compose --project-directory /srv/a -f 'a b' -f ./-c up --detach --remove-orphans"),
        ({"present": False, "remove_volumes": True},
         "docker compose --project-directory /srv/a down --volumes --remove-orphans"),
    ],
)  # fmt: skip
def test_compose(wish: dict[str, Any], command: str) -> None:
    assert [str(step) for step in evaluate(docker.compose, "/srv/a", **wish).steps] == [command]


@pytest.mark.parametrize("known", ["registry.example.org", "https://registry.example.org/v2/"])
def test_registries(known: str) -> None:
    facts = {DockerAuths: [known, "https://index.docker.io/v1/"]}
    login = {"username": "ci", "password": "secret word"}
    assert evaluate(docker.login, **login, server="registry.example.org", facts=facts).steps == []
    assert evaluate(docker.login, **login, server="docker.io", facts=facts).steps == []
    assert evaluate(docker.logout, facts=facts).steps != []
    [step] = evaluate(docker.login, **login, server="other:5000", facts=facts).steps
    assert "secret word" not in str(step)
    assert "docker login --username ci --password-stdin -- other:5000" in str(step)
    assert len(evaluate(docker.login, **login, force=True, facts=facts).steps) == 1
    assert evaluate(docker.logout, "other:5000", facts=facts).steps == []


@pytest.mark.parametrize("login", [{"username": "", "password": "x"}, {"username": "x", "password": ""}])
def test_a_login_without_a_name_or_password(login: dict[str, str]) -> None:
    with pytest.raises(OperationValueError, match="needs `username` and `password`"):
        evaluate(docker.login, **login, facts={DockerAuths: []})


def test_a_command_is_needed() -> None:
    with pytest.raises(OperationValueError, match="needs a command"):
        evaluate(docker.container_exec, "web", "")


# -- podman ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "command"),
    [(PodmanPs, "podman ps --format=json --all"), (PodmanSystemInfo, "podman system info --format=json")],
)
def test_podman(fact: type[PodmanPs] | type[PodmanSystemInfo], command: str) -> None:
    made = fact()
    assert (str(made.command()), made.requires_command()) == (command, "podman")
    assert made.process(["[", '{"Id": "a"}', "]"]) == [{"Id": "a"}]
