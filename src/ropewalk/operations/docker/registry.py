"""docker.login, docker.logout"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.docker import DockerAuths
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Secret, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.docker.things import docker

#: What the tool's configuration calls Docker Hub.
_HUB = "https://index.docker.io/v1/"
_HUBS = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})


@operation()
def login(
    username: str,
    password: str | Secret,
    server: str | None = None,
    force: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Log in to a registry.

    A login that is there counts, whoever it is for. The tool keeps it in the user's ``~/.docker/config.json``, or in
    ``$DOCKER_CONFIG``.

    :param username: the user's name at the registry.
    :param password: the password or token. It is never shown, and reaches the tool on its standard input.
    :param server: the registry; by default Docker Hub.
    :param force: log in anew, such as after the password has changed.
    :raises OperationValueError: there is no name or password.

    ::

        docker.login(
            name="Log in", server="registry.example.org:5000", username="ci", password=Secret(host.data.registry_token)
        )
    """
    secret = password if isinstance(password, Secret) else Secret(password or "")
    if not username or not secret.value:
        raise OperationValueError("docker.login needs `username` and `password`")
    if not force and _is_there(server):
        current_host.get().noop(f"there is a login for {server or 'Docker Hub'}")
        return
    words = ("docker", "login", "--username", username, "--password-stdin", *(("--", server) if server else ()))
    yield sh("set", "--", secret, Raw("&&"), *words, Raw("<<EOF\n$1\nEOF\n"))


@operation()
def logout(server: str | None = None, **_: Unpack[GlobalArguments]) -> Steps:
    """Log out of a registry.

    :param server: the registry; by default Docker Hub.

    ::

        docker.logout(name="Forget the registry", server="registry.example.org:5000")
    """
    if _is_there(server):
        yield docker("logout", *(("--", server) if server else ()))
    else:
        current_host.get().noop(f"there is no login for {server or 'Docker Hub'}")


def _is_there(server: str | None) -> bool:
    wanted = _normal(server or _HUB)
    return any(_normal(other) == wanted for other in current_host.get().get_fact(DockerAuths) or ())


def _normal(server: str) -> str:
    """Return the name of a registry's host, since older versions of the tool keep more of the address.

    >>> _normal("https://registry.example.org/v2/"), _normal("docker.io") == _normal("https://index.docker.io/v1/")
    ('registry.example.org', True)
    """
    name = server.partition("://")[2] or server
    name = name.partition("/")[0]
    return _HUB if name in _HUBS else name
