"""What goes on in containers, and how images were made."""

from __future__ import annotations

from ropewalk.facts.docker.base import DockerFactBase, DockerLinesFactBase, unless_gone
from ropewalk.model.command import Shell, sh


class DockerContainerFsChanges(DockerFactBase):
    """What has changed in the file system of a container: ``change`` is ``A`` added, ``C`` changed or ``D`` deleted.

    ``None`` where nothing has, or where there is no such container.

    :param container_id: its name or ID.

    ::

        [{"change": "C", "path": "/run"}, {"change": "A", "path": "/run/app.pid"}]
    """

    def command(self, container_id: str) -> Shell:
        return unless_gone("container", sh("docker", "container", "diff", "--", container_id))

    def process(self, output: list[str]) -> list[dict[str, str]]:
        pairs = (line.partition(" ") for line in output if line)
        return [{"change": change, "path": path} for change, _, path in pairs]


class DockerContainerProcesses(DockerFactBase):
    """The processes in a container, as ps(1) shows them: name of the column -> value.

    ``None`` where there is no such container, or where it does not run.

    :param container_id: its name or ID.

    ::

        [{"UID": "root", "PID": "4242", "PPID": "4220", "C": "0", "STIME": "10:00", "TTY": "?",
         "TIME": "00:00:00", "CMD": "nginx"}]
    """

    def command(self, container_id: str) -> Shell:
        top = sh("docker", "container", "top", "--", container_id)
        return unless_gone("container", top, "*' is not running'*")

    def process(self, output: list[str]) -> list[dict[str, str]]:
        columns = output[0].split()
        rows = (line.split(None, len(columns) - 1) for line in output[1:] if line.strip())
        return [dict(zip(columns, row, strict=False)) for row in rows]


class DockerContainerStats(DockerLinesFactBase):
    """What running containers use of memory, processors, networks and disks; takes about two seconds.

    ::

        [{"Name": "web", "CPUPerc": "0.07%", "MemUsage": "9.5MiB / 3.8GiB", "NetIO": "1.2kB / 0B", "PIDs": "3"}]
    """

    def command(self) -> Shell:
        return sh("docker", "stats", "--no-stream", "--format", "{{json .}}")


class DockerImageHistory(DockerLinesFactBase):
    """The steps that made an image, the last one first; ``None`` where there is no such image.

    :param image_id: its name or ID.

    ::

        [{"ID": "sha256:a6bd71f48f68", "CreatedBy": "CMD ['nginx']", "Size": "0B", "Comment": ""}]
    """

    def command(self, image_id: str) -> Shell:
        show = sh("docker", "image", "history", "--no-trunc", "--format", "{{json .}}", "--", image_id)
        return unless_gone("image", show)
