"""docker.build"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.docker import DockerImage
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.operations.docker.things import each
from ropewalk.operations.packaging import words
from ropewalk.shell.paths import path_word


@operation()
def build(
    path: str,
    tags: str | Sequence[str] | None = None,
    dockerfile: str | None = None,
    build_args: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    target: str | None = None,
    platform: str | None = None,
    network: str | None = None,
    cache_from: str | Sequence[str] | None = None,
    cache_to: str | Sequence[str] | None = None,
    secrets: Sequence[str] | None = None,
    pull: bool = False,
    no_cache: bool = False,
    force: bool = False,
    builder: str | None = None,
    build_cmd: str = "docker build",
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Build an image. Nothing is done if images of all given names are there; without a name, it is built every time.

    :param path: directory on the host, or address, of what the image is built from.
    :param tags: the image's names.
    :param dockerfile: path of the Dockerfile on the host; by default that in ``path``.
    :param build_args: variables for the build: name -> value. The image's history shows them.
    :param labels: labels: name -> value.
    :param target: the stage to build.
    :param platform: what the image is for, such as ``linux/arm64``.
    :param network: the network that commands of the build see.
    :param cache_from: where earlier builds can be found.
    :param cache_to: where this build is kept for later ones.
    :param secrets: what only the build may see, as ``id=name,src=path``.
    :param pull: look for newer versions of the images that it begins with.
    :param no_cache: take nothing over from earlier builds.
    :param force: build it even if all images are there.
    :param builder: the builder to use.
    :param build_cmd: the command that builds, such as ``docker buildx build`` or ``podman build``.
    :raises OperationValueError: ``build_cmd`` cannot be read as a command line.

    ::

        docker.build(name="The app's image", path="/srv/app", tags=["app:1.4", "app:latest"])
    """
    names = [tags] if isinstance(tags, str) else list(tags or ())
    host = current_host.get()
    if names and not force and all(host.get_fact(DockerImage, object_id=name) for name in names):
        host.noop(f"there is an image {', '.join(names)}")
        return
    options = [
        *each("--builder", builder),
        *each("--tag", names),
        *(word for given in (dockerfile,) if given for word in ("--file", path_word(given))),
        *each("--build-arg", (f"{name}={value}" for name, value in (build_args or {}).items())),
        *each("--label", (f"{name}={value}" for name, value in (labels or {}).items())),
        *each("--target", target),
        *each("--platform", platform),
        *each("--network", network),
        *each("--cache-from", cache_from),
        *each("--cache-to", cache_to),
        *each("--secret", secrets),
        *(["--pull"] if pull else []),
        *(["--no-cache"] if no_cache else []),
    ]
    yield sh(*words(build_cmd), *options, "--", path_word(path))
