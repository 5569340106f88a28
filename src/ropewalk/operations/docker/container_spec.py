"""What a container shall be, and the commands that make it so (``docker container create``)."""

from __future__ import annotations

import shlex

from ropewalk.model.command import Raw, Secret, Shell, Word, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.model.record import record
from ropewalk.operations.docker.container_values import network_name, stands_alone
from ropewalk.operations.docker.things import each
from ropewalk.shell.paths import path_word


@record
class Spec:
    """A container as wanted; the fields are arguments of ``docker.container``."""

    image: str = ""
    ports: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    env_vars: tuple[str | Secret, ...] = ()
    env_files: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    pull_always: bool = False
    restart_policy: str | None = None
    auto_remove: bool = False
    mounts: tuple[str, ...] = ()
    privileged: bool = False
    hostname: str | None = None
    entrypoint: str | None = None
    user: str | None = None
    cpus: float | None = None
    memory: str | None = None
    extra_args: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    command: str | None = None

    @property
    def command_words(self) -> list[str]:
        """The words of the command.

        :raises OperationValueError: a quote is not closed.
        """
        try:
            return shlex.split(self.command or "")
        except ValueError as error:
            raise OperationValueError(f"cannot read the command {self.command!r}: {error}") from None

    @property
    def more_networks(self) -> tuple[str, ...]:
        """The networks that are joined once the container is there; older versions of Docker create it in one only."""
        return self.networks[1:]

    def create(self, *named: str) -> Shell:
        """Return the command that makes the container.

        :param named: the option that gives it a name.
        """
        line: tuple[Word, ...] = ("docker", "container", "create", *named, *self._options())
        secret = self._secret_lines()
        if secret is None:
            return sh(*line, self._image(), *self.command_words)
        words = (*line, "--env-file", "/dev/fd/8", self._image(), *self.command_words)
        return sh("set", "--", secret, Raw("&&"), *words, Raw("8<<EOF\n$1\nEOF\n"))

    def replace(self, container: str) -> Shell:
        """Return the command that puts a new container in the place of one that exists, if it can be made.

        Docker accepts networks that are not there, and cannot start the container then; hence they are looked for.
        """
        connect = [word for name in self.more_networks
                   for word in ("docker", "network", "connect", name, Raw('"$id" &&'))]  # fmt: skip
        return sh(
            *self._look_for_networks(), Raw("id=$("), *self.create().words, Raw(") && {"), *connect,
            "docker", "container", "rm", "--force", container, Raw("&&"),
            "docker", "container", "rename", Raw('"$id"'), container,
            Raw('|| { docker container rm --force "$id"; exit 1; }; }'),
        )  # fmt: skip

    def _look_for_networks(self) -> tuple[Word, ...]:
        named = [name for name in map(network_name, self.networks) if name != "bridge" and not stands_alone(name)]
        return ("docker", "network", "inspect", "--", *named, Raw(">/dev/null &&")) if named else ()

    def _image(self) -> str:
        if self.image.startswith("-"):
            raise OperationValueError(f"{self.image!r} cannot be the name of an image")
        return self.image

    def _options(self) -> list[Word]:
        switches = {"--rm": self.auto_remove, "--privileged": self.privileged}
        return [
            *each("--network", self.networks[:1]),
            *each("--publish", self.ports),
            *each("--volume", self.volumes),
            *each("--mount", self.mounts),
            *each("--env", (variable for variable in self.env_vars if isinstance(variable, str))),
            *(word for path in self.env_files for word in ("--env-file", path_word(path))),
            *each("--label", self.labels),
            *(["--pull", "always"] if self.pull_always else []),
            *each("--restart", self.restart_policy or None),
            *(switch for switch, wanted in switches.items() if wanted),
            *each("--hostname", self.hostname or None),
            *(["--entrypoint", self.entrypoint] if self.entrypoint is not None else []),
            *each("--user", self.user or None),
            *(["--cpus", f"{self.cpus:g}"] if self.cpus else []),
            *each("--memory", self.memory or None),
            *each("--dns", self.dns),
            *self.extra_args,
        ]

    def _secret_lines(self) -> Secret | None:
        """Return the secret variables as a file of variables has them: what stands there is taken as it is."""
        values = [variable.value for variable in self.env_vars if isinstance(variable, Secret)]
        for value in values:
            if "=" not in value or any(character in value for character in "\n\r\0"):
                raise OperationValueError("a secret variable of a container is one line, name=value")
        return Secret("\n".join(values)) if values else None
