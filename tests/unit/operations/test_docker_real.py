"""Docker's operations with a real daemon, in a copy of this machine: done, looked at by docker, and not done twice.

Skipped without the daemon (Debian: docker.io), and where it cannot run. Its image is made of busybox.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ropewalk.api import Secret
from ropewalk.facts import docker as facts
from ropewalk.model.errors import FactError, OperationError
from ropewalk.operations import docker
from support.box import Box, CommandFailed, why_not
from support.hostile import HOSTILE

pytestmark = [pytest.mark.root, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]

#: Ends at once when it is told to.
SLEEP = "sh -c 'trap exit TERM; sleep 1000 & wait'"
START = """
mkdir -p /sys /run/data && mount -t sysfs none /sys && mount -t cgroup2 none /sys/fs/cgroup
dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver overlay2 --data-root /run/data \
    --exec-root /run/exec --pidfile /run/docker.pid -H unix:///var/run/docker.sock >/run/docker.log 2>&1 &
i=0
until docker info >/dev/null 2>&1; do i=$((i+1)); [ $i -lt 150 ] && [ -d /proc/$! ] || exit 1; sleep 0.1; done
"""
IMAGE = """
mkdir -p /run/image/bin /run/image/etc && cd /run/image && cp /usr/bin/busybox bin && ln -s busybox bin/sh
for name in cat env id sleep true; do ln -s busybox bin/$name; done
echo root:x:0:0::/:/bin/sh >etc/passwd
for file in $(ldd bin/busybox | grep -o '/[^ ]*'); do mkdir -p ".${file%/*}"; cp "$file" ".$file"; done
tar -c . | docker import - box:1
"""


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    made = Box()
    try:
        made.needs("dockerd", "docker", "busybox", "tar")
        if made.status(START):
            pytest.skip(f"dockerd does not run here: {made.sh('tail -n 1 /run/docker.log')}")
        made.sh(IMAGE)
        if made.status("docker run --rm --network none box:1 true"):
            pytest.skip("containers cannot run here")
        made.sh("mkdir -p /root; docker network create front; docker network create back")
        yield made
    finally:
        made.close()  # ends all processes inside


def inspect(box: Box, name: str) -> dict[str, Any]:
    [found] = json.loads(box.sh(f"docker container inspect {name}"))
    assert isinstance(found, dict)
    return found


def test_a_container_from_cradle_to_grave(box: Box) -> None:
    wish: dict[str, Any] = {
        "image": "box:1",
        "command": SLEEP,
        "networks": ["front"],
        "labels": ["tier=web", "note=it's; $(x)"],
        "env_vars": ["A=b c", "Q=it's $HOME"],
        "restart_policy": "on-failure:3",
        "hostname": "web1",
        "memory": "64m",
        "dns": ["10.0.0.1"],
        "user": "0:0",
        "volumes": ["data:/data:ro", "/tmp:/host tmp"],
        "mounts": ["type=tmpfs,target=/scratch"],
    }
    box.converge(docker.container, "web", **wish)
    first = inspect(box, "web")
    assert first["State"]["Running"]
    assert {"HOSTNAME=web1", "A=b c", "Q=it's $HOME"} <= set(box.sh("docker exec web env").splitlines())

    box.converge(docker.container, "web", start=False, **wish)
    assert not inspect(box, "web")["State"]["Running"]
    box.converge(docker.container, "web", **wish)
    box.sh("docker pause web")
    box.converge(docker.container, "web", **wish)
    box.converge(docker.container, "web", **{**wish, "networks": ["back", "front"], "restart_policy": "always"})
    now = inspect(box, "web")
    assert now["Id"] == first["Id"], "changed, not made anew"
    assert set(now["NetworkSettings"]["Networks"]) == {"back", "front"}
    box.converge(docker.container, "web", **{**wish, "networks": ["back"]})
    assert set(inspect(box, "web")["NetworkSettings"]["Networks"]) == {"back"}

    box.converge(docker.container, "web", **{**wish, "env_vars": ["A=other"]})
    again = inspect(box, "web")
    assert again["Id"] != first["Id"]
    assert again["State"]["Running"]
    box.apply(docker.container, "web", force=True, **wish)
    assert inspect(box, "web")["Id"] != again["Id"]
    box.converge(docker.container, "web", present=False)
    assert box.sh("docker ps -qa") == ""
    assert box.fact(facts.DockerContainers) == []


def test_a_container_that_cannot_be_made_anew_stays(box: Box) -> None:
    box.converge(docker.container, "kept", "box:1", command=SLEEP, networks=["front"])
    before = inspect(box, "kept")["Id"]
    for wrong in ({"image": "registry.invalid/nothing:1"}, {"networks": ["front", "none-such"], "force": True}):
        with pytest.raises(CommandFailed):
            box.apply(docker.container, "kept", **{"image": "box:1", "command": SLEEP, **wrong})
        assert inspect(box, "kept")["Id"] == before
        assert box.sh("docker ps -qa").count("\n") == 1, "nothing is left of the attempt"
    box.converge(docker.container, "kept", present=False)


def test_secret_variables(box: Box) -> None:
    given = {"command": SLEEP, "env_vars": [Secret('PASSWORD=it\'s $a \\n "b"'), "B=2"], "networks": ["none"]}
    done = box.converge(docker.container, "secretive", "box:1", **given)
    assert "it's" not in "".join(map(str, done.steps))
    assert 'PASSWORD=it\'s $a \\n "b"\n' in box.sh("docker exec secretive env")
    done = box.converge(docker.container, "secretive", "box:1", **{**given, "env_vars": [Secret("PASSWORD=new")]})
    assert "new" not in str(done.steps[0]).replace("set anew", "")
    box.converge(docker.container, "secretive", present=False)


def test_variables_in_files(box: Box) -> None:
    box.sh('cat >"/root/-it\'s.env"', b"# comment\nA=b c\n")
    given = {"image": "box:1", "networks": ["none"], "start": False, "command": "true", "env_files": ["~/-it's.env"]}
    box.converge(docker.container, "filed", **given)
    box.sh('echo A=other >"/root/-it\'s.env"')
    box.converge(docker.container, "filed", **given)
    assert "A=other" in inspect(box, "filed")["Config"]["Env"]
    box.converge(docker.container, "filed", present=False)


def test_words_arrive(box: Box) -> None:
    box.sh("docker run -d --name words --network none box:1 sleep 1000")
    values = {f"V{number}": text for number, text in enumerate(HOSTILE)}
    script = 'for word in "$@"; do printf "%s\\n" "$word"; done >/said; env >/known'
    box.apply(docker.container_exec, "words", ["sh", "-c", script, "-", *HOSTILE], env=values, workdir="/", user="0")
    assert box.sh("docker exec words cat /said").splitlines() == HOSTILE
    known = box.sh("docker exec words cat /known").splitlines()
    assert {f"{name}={text}" for name, text in values.items()} <= set(known)
    box.converge(docker.volume, "words", labels=[f"{name}={text}" for name, text in values.items()])
    [volume] = box.fact(facts.DockerVolume, "words")
    assert volume["Labels"] == values
    box.sh("docker rm -f words; docker volume rm words")


def test_commands_in_containers(box: Box) -> None:
    box.converge(docker.container, "inner", "box:1", command=SLEEP, networks=["none"])
    box.apply(docker.container_exec, "inner", "echo $((1 + 1)) >/two && cat /two")
    assert box.sh("docker exec inner cat /two") == "2\n"
    box.apply(docker.container_exec, "inner", "exit 3", detach=True)
    for wrong in (("inner", "exit 3"), ("none-such", "true"), ("inner", ["no-such-program"])):
        with pytest.raises(CommandFailed):
            box.apply(docker.container_exec, *wrong)
    processes = box.fact(facts.DockerContainerProcesses, "inner")
    assert [process["CMD"] for process in processes] == [SLEEP.replace("'", ""), "sleep 1000"]
    box.converge(docker.container, "inner", present=False)
    assert box.fact(facts.DockerContainerProcesses, "inner") is None
    assert box.fact(facts.DockerContainerFsChanges, "inner") is None


def test_networks(box: Box) -> None:
    wish = {"subnet": "10.9.0.0/24", "gateway": "10.9.0.1", "ip_range": "10.9.0.128/25", "labels": ["a=b"],
            "aux_addresses": {"router": "10.9.0.2"}, "opts": ["com.docker.network.driver.mtu=1400"]}  # fmt: skip
    box.converge(docker.network, "app", driver="bridge", attachable=True, **wish)
    [found] = box.fact(facts.DockerNetwork, "app")
    assert found["IPAM"]["Config"][0]["AuxiliaryAddresses"] == {"router": "10.9.0.2"}
    for other in ({"subnet": "10.8.0.0/24"}, {"labels": ["a=c"]}, {"ingress": True}, {"driver": "macvlan"}):
        with pytest.raises(OperationError, match="cannot be changed"):
            box.evaluate(docker.network, "app", **other)
    box.converge(docker.network, "app", present=False)
    assert box.fact(facts.DockerNetwork, "app") == []


def test_volumes(box: Box) -> None:
    box.converge(docker.volume, "v1", labels=["a=b"], options=["type=tmpfs", "device=tmpfs", "o=size=1m"])
    with pytest.raises(OperationError, match="cannot be changed"):
        box.evaluate(docker.volume, "v1", labels=["a=c"])
    with pytest.raises(OperationError, match="cannot be changed"):
        box.evaluate(docker.volume, "v1", driver="other")
    assert facts.DockerVolumeLabels().process_data(box.fact(facts.DockerVolumes))["v1"] == {"a": "b"}
    box.converge(docker.volume, "v1", present=False)


def test_images(box: Box) -> None:
    box.sh("docker tag box:1 other:2")
    assert box.evaluate(docker.image, "box:1").noop == "the image box:1 is there"
    box.converge(docker.image, "other:2", present=False)
    assert box.evaluate(docker.image, "other:2", present=False).steps == []
    with pytest.raises(CommandFailed):
        box.apply(docker.image, "registry.invalid/nothing:1")
    assert box.fact(facts.DockerImageHistory, "box:1")[0]["Comment"].startswith("Imported")
    assert box.fact(facts.DockerImageHistory, "none:1") is None


def test_builds(box: Box) -> None:
    box.write("/root/app/Dockerfile", "FROM box:1\nARG who\nLABEL who=$who\nRUN echo $who >/who\n")
    box.write("/root/app/-other", "FROM box:1 AS first\nRUN true\nFROM box:1\nRUN false\n")
    given = {"build_args": {"who": "it's me"}, "labels": {"x": "y z"}, "network": "none"}
    legacy = {"build_cmd": "env DOCKER_BUILDKIT=0 docker build"}
    box.converge(docker.build, "~/app", tags=["app:1", "app:latest"], **given, **legacy)
    [image] = box.fact(facts.DockerImage, "app")
    assert image["Config"]["Labels"] == {"who": "it's me", "x": "y z"}
    box.apply(docker.build, "/root/app", tags="app:1", force=True, no_cache=True, **legacy)
    box.apply(docker.build, "/root/app", tags="app:2", dockerfile="/root/app/-other", target="first", **legacy)
    with pytest.raises(CommandFailed):
        box.apply(docker.build, "/root/app", tags="app:3", dockerfile="/root/app/-other", **legacy)
    assert box.fact(facts.DockerImage, "app:3") == []
    for name in ("app:1", "app:2", "app"):
        box.converge(docker.image, name, present=False)


def test_what_is_unused_is_removed(box: Box) -> None:
    box.sh("docker create --name old --network none box:1 true")
    box.apply(docker.prune, filter="label=none-such")
    assert "old" in box.sh("docker ps -a")
    box.apply(docker.prune, volumes=True)
    assert "old" not in box.sh("docker ps -a")
    assert box.fact(facts.DockerImage, "box:1"), "it has a name"
    box.sh("docker network create front; docker network create back", check=False)


def test_the_daemon_itself(box: Box) -> None:
    assert box.fact(facts.DockerVersion).startswith("Docker version")
    assert box.fact(facts.DockerSystemInfo)["Driver"] == "overlay2"
    ids = {network["Name"] for network in box.fact(facts.DockerNetworks)}
    assert {"host", "none"} <= ids
    assert box.fact(facts.DockerPlugins) == []
    assert box.evaluate(docker.plugin, "none-such", present=False).steps == []


def test_logins(box: Box) -> None:
    assert box.fact(facts.DockerAuths) == []
    assert box.evaluate(docker.logout, "registry.example.org").steps == []
    with pytest.raises(CommandFailed) as caught:
        box.apply(docker.login, "ci", "s3cret-token", server="127.0.0.1:9")
    assert "connection refused" in str(caught.value)
    box.write("/root/.docker/config.json", '{"auths": {"https://registry.example.org/v2/": {}}}')
    assert box.evaluate(docker.login, "ci", "x", server="registry.example.org").steps == []
    box.sh("rm -r /root/.docker")


def test_a_daemon_that_cannot_be_reached(box: Box) -> None:
    """What cannot be asked for is not absent."""
    box.sh("mv /var/run/docker.sock /var/run/aside")
    try:
        for fact, arguments in (
            (facts.DockerContainer, ("web",)), (facts.DockerContainers, ()), (facts.DockerImages, ()),
            (facts.DockerContainerProcesses, ("web",)), (facts.DockerImageHistory, ("web",)),
        ):  # fmt: skip
            with pytest.raises(FactError, match="docker daemon"):
                box.fact(fact, *arguments)
        with pytest.raises(FactError, match="docker daemon"):
            box.evaluate(docker.container, "web", present=False)
    finally:
        box.sh("mv /var/run/aside /var/run/docker.sock")
