"""docker.plugin"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.docker import DockerPlugin
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps
from ropewalk.operations.docker.things import docker, each, find, pairs


@operation()
def plugin(
    plugin: str,
    alias: str | None = None,
    present: bool = True,
    enabled: bool = True,
    plugin_options: Mapping[str, str] | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, change or remove a plugin. It gets all rights that it asks for.

    :param plugin: its name, with a tag.
    :param alias: the name it has on this host.
    :param present: ``False`` removes it, also while it is in use.
    :param enabled: whether it runs.
    :param plugin_options: its options: name -> value. Others are left as they are. To change them, the plugin is
        stopped for a moment.
    :raises OperationError: Docker is not installed on the host.
    :raises OperationValueError: there is no name.

    ::

        docker.plugin(name="Volumes over SSH", plugin="vieux/sshfs", alias="sshfs", plugin_options={"DEBUG": "1"})
    """
    name = alias or plugin
    have = find(DockerPlugin, name)
    host = current_host.get()
    wanted = {key: str(value) for key, value in (plugin_options or {}).items()}
    if not present:
        if have is None:
            host.noop(f"there is no plugin {name}")
        else:
            yield docker("plugin", "rm", "--force", "--", name)
        return
    if have is None:
        switches = [*each("--alias", alias), *([] if enabled else ["--disable"])]
        values = [f"{key}={value}" for key, value in wanted.items()]
        yield docker("plugin", "install", "--grant-all-permissions", *switches, "--", plugin, *values)
        return
    now = pairs((have.get("Settings") or {}).get("Env"))
    differing = {key: value for key, value in wanted.items() if now.get(key) != value}
    runs = bool(have["Enabled"])
    if not differing and runs is enabled:
        host.noop(f"the plugin {name} is as wanted")
        return
    for key, value in differing.items():
        yield Change(key, now.get(key), value)
    if runs is not enabled:
        yield Change("enabled", *(("no", "yes") if enabled else ("yes", "no")))
    if runs and (differing or not enabled):
        yield docker("plugin", "disable", "--", name)
    if differing:
        yield docker("plugin", "set", "--", name, *(f"{key}={value}" for key, value in differing.items()))
    if enabled:
        yield docker("plugin", "enable", "--", name)
