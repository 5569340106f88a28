"""docker.container"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.docker import DockerContainer, DockerSystemInfo
from ropewalk.facts.files import FileContents
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Secret, Step, Steps
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.docker.container_difference import differences, network_names, networks_to_change, updates
from ropewalk.operations.docker.container_spec import Spec
from ropewalk.operations.docker.things import docker, find

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")

#: State, whether it should run -> what has to be done.
_VERBS = {
    ("stopped", True): "start",
    ("paused", True): "unpause",
    ("running", False): "stop",
    ("paused", False): "stop",
}


@operation()
def container(
    container: str,
    image: str = "",
    ports: Sequence[str] | None = None,
    networks: Sequence[str] | None = None,
    volumes: Sequence[str] | None = None,
    env_vars: Sequence[str | Secret] | None = None,
    env_files: Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    pull_always: bool = False,
    present: bool = True,
    force: bool = False,
    start: bool = True,
    restart_policy: str | None = None,
    auto_remove: bool = False,
    mounts: Sequence[str] | None = None,
    privileged: bool = False,
    hostname: str | None = None,
    entrypoint: str | None = None,
    user: str | None = None,
    cpus: float | None = None,
    memory: str | None = None,
    extra_args: Sequence[str] | None = None,
    dns: Sequence[str] | None = None,
    command: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make, change, start, stop or remove a container.

    A container that is there and differs from what is given is made anew: the new one first, then it takes the place of
    the old one, whose own files are lost. Networks, the restart policy and the share of processors are changed without
    that. What is not given is not looked at.

    :param container: its name.
    :param image: the image, with a tag or digest; needed to make the container.
    :param ports: what is published, as ``docker run --publish`` takes it: ``"8080:80"``.
    :param networks: the networks it is in, these and no others.
    :param volumes: volumes and directories, as ``--volume`` takes them: ``"data:/var/lib/data"``.
    :param env_vars: environment variables, as ``name=value``. A ``Secret`` is neither shown nor seen by other users of
        the host, except those who may ask Docker.
    :param env_files: paths of files on the host that hold such variables.
    :param labels: labels, as ``name=value``.
    :param pull_always: look for a newer image whenever the container is made.
    :param present: ``False`` removes it, also while it runs.
    :param force: make it anew in any case.
    :param start: whether it should run.
    :param restart_policy: ``no``, ``always``, ``unless-stopped``, ``on-failure`` or ``on-failure:3``.
    :param auto_remove: let Docker remove it when it ends.
    :param mounts: mounts, as ``--mount`` takes them: ``"type=tmpfs,target=/run"``.
    :param privileged: give it all rights on the host.
    :param hostname: the name it knows itself by.
    :param entrypoint: the program that is run instead of the image's.
    :param user: the user it runs as, as a name or number in the container.
    :param cpus: how many processors it may use.
    :param memory: how much memory it may use, such as ``512m``. Where the kernel cannot limit it, Docker only warns.
    :param extra_args: more words for ``docker container create``; a change to them alone is not noticed.
    :param dns: addresses of name servers.
    :param command: the command it runs, instead of the image's: words, quoted as on a command line. No shell sees it.
    :raises OperationError: Docker is not installed on the host, or ``image`` is needed and not given.
    :raises OperationValueError: something that cannot be a name, port, mount or amount of memory.

    ::

        docker.container(
            name="The web server", container="web", image="nginx:1.27", ports=["80:80"], restart_policy="always"
        )
    """
    if not _NAME.fullmatch(container):
        raise OperationValueError(f"{container!r} cannot be the name of a container")
    variables = (env_vars,) if isinstance(env_vars, str | Secret) else tuple(env_vars or ())
    spec = Spec(
        image, _list(ports), _list(networks), _list(volumes), variables, _list(env_files), _list(labels),
        pull_always, restart_policy, auto_remove, _list(mounts), privileged, hostname, entrypoint, user, cpus, memory,
        _list(extra_args), _list(dns), command,
    )  # fmt: skip
    have = find(DockerContainer, container)
    host = current_host.get()
    if not present:
        if have is None:
            host.noop(f"there is no container {container}")
        else:
            yield docker("container", "rm", "--force", container)
    elif have is None:
        yield from _creation(container, spec, start)
    else:
        changes = _possible(differences(spec, have, _env_files(spec)))
        steps = (
            _recreation(container, spec, changes, start)
            if force or changes
            else [*_networks(container, spec, have), *_updates(container, spec, have), *_state(container, have, start)]
        )
        yield from steps
        if not steps:
            host.noop(f"the container {container} is as wanted")


def _possible(changes: list[Change]) -> list[Change]:
    """Leave out a limit that the host's kernel cannot keep: Docker says so, and makes the container without it."""
    limited = [change for change in changes if change.attribute == "memory"]
    if limited and current_host.get().get_fact(DockerSystemInfo).get("MemoryLimit") is False:
        return [change for change in changes if change not in limited]
    return changes


def _list(values: Sequence[str] | None) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values or ())


def _needs_image(container: str, spec: Spec) -> None:
    if not spec.image:
        raise OperationError(f"the container {container} has to be made, and no image is given", hint="give `image`")


def _creation(container: str, spec: Spec, start: bool) -> Steps:
    _needs_image(container, spec)
    yield spec.create("--name", container)
    for network in spec.more_networks:
        yield docker("network", "connect", network, container)
    if start:
        yield docker("container", "start", container)


def _recreation(container: str, spec: Spec, changes: list[Change], start: bool) -> list[Step]:
    _needs_image(container, spec)
    started = [docker("container", "start", container)] if start else []
    return [*changes, spec.replace(container), *started]


def _networks(container: str, spec: Spec, have: Mapping[str, Any]) -> list[Step]:
    missing, extra = networks_to_change(spec, have)
    if not missing and not extra:
        return []
    return [
        Change("networks", ", ".join(network_names(have)) or None, ", ".join(spec.networks)),
        *(docker("network", "connect", name, container) for name in missing),
        *(docker("network", "disconnect", name, container) for name in extra),
    ]


def _updates(container: str, spec: Spec, have: Mapping[str, Any]) -> list[Step]:
    found = updates(spec, have)
    words = [word for _, words in found for word in words]
    return [*(change for change, _ in found), *([docker("container", "update", *words, container)] if words else [])]


def _state(container: str, have: Mapping[str, Any], start: bool) -> list[Step]:
    state = have["State"]
    now = "paused" if state.get("Paused") else "running" if state.get("Running") else "stopped"
    verb = _VERBS.get((now, start))
    if verb is None:
        return []
    return [Change("state", now, "running" if start else "stopped"), docker("container", verb, container)]


def _env_files(spec: Spec) -> list[str]:
    """Return the lines of the files of environment variables, as far as they can be read."""
    lines: list[str] = []
    for path in spec.env_files:
        lines += current_host.get().get_fact(FileContents, path=path) or ()
    return lines
