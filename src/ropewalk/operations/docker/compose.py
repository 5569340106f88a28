"""docker.compose"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.operations.docker.things import each
from ropewalk.operations.packaging import words
from ropewalk.shell.paths import path_word


@operation(is_idempotent=False, idempotent_notice="Compose is called every time; it leaves alone what has not changed.")
def compose(
    project_directory: str,
    files: str | Sequence[str] | None = None,
    project_name: str | None = None,
    present: bool = True,
    pull: str | None = None,
    build: bool = False,
    force_recreate: bool = False,
    remove_orphans: bool = True,
    remove_volumes: bool = False,
    compose_command: str = "docker compose",
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Start the services of a compose file, or take them down.

    :param project_directory: the project's directory on the host; its compose file is looked for there.
    :param files: paths of the compose files on the host, instead; later ones override earlier ones.
    :param project_name: name of the project; by default that of the directory.
    :param present: ``False`` stops and removes containers and networks.
    :param pull: when to pull images: ``always``, ``missing`` or ``never``. Only for starting.
    :param build: build images first. Only for starting.
    :param force_recreate: make containers anew that have not changed. Only for starting.
    :param remove_orphans: remove containers of services that are no longer in the file.
    :param remove_volumes: remove volumes too. Only for taking down.
    :param compose_command: the command, such as ``docker-compose`` for version 1.
    :raises OperationValueError: ``compose_command`` cannot be read as a command line.

    ::

        docker.compose(name="The shop", project_directory="/srv/shop", pull="always")
    """
    project = [
        "--project-directory",
        path_word(project_directory),
        *each("--project-name", project_name),
        *(word for file in ([files] if isinstance(files, str) else files or ()) for word in ("-f", path_word(file))),
    ]
    orphans = ["--remove-orphans"] if remove_orphans else []
    if present:
        options = [
            *each("--pull", pull),
            *(["--build"] if build else []),
            *(["--force-recreate"] if force_recreate else []),
        ]
        yield sh(*words(compose_command), *project, "up", "--detach", *options, *orphans)
    else:
        yield sh(*words(compose_command), *project, "down", *(["--volumes"] if remove_volumes else []), *orphans)
