"""docker.container_exec"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.docker.things import docker, each


@operation(is_idempotent=False, idempotent_notice="The command is run every time.")
def container_exec(
    container: str,
    command: str | Sequence[str],
    user: str | None = None,
    workdir: str | None = None,
    env: Mapping[str, str] | None = None,
    detach: bool = False,
    privileged: bool = False,
    tty: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Run a command in a container that runs.

    :param container: its name or ID.
    :param command: text for the container's ``sh``, or a list of words that no shell sees.
    :param user: the user it runs as, as a name or number in the container.
    :param workdir: the directory it runs in.
    :param env: environment variables: name -> value.
    :param detach: do not wait for it; whether it succeeds is not known then.
    :param privileged: give it all rights on the host.
    :param tty: give it a terminal.
    :raises OperationValueError: there is no command.

    ::

        docker.container_exec(name="Migrate", container="app", command=["./manage.py", "migrate"], user="app")
    """
    if not command:
        raise OperationValueError("docker.container_exec needs a command")
    inner = ["sh", "-c", command] if isinstance(command, str) else list(command)
    options = [
        *(["--detach"] if detach else []),
        *(["--privileged"] if privileged else []),
        *(["--tty"] if tty else []),
        *each("--user", user),
        *each("--workdir", workdir),
        *each("--env", (f"{name}={value}" for name, value in (env or {}).items())),
    ]
    yield docker("exec", *options, "--", container, *inner)
