"""What differs between a container as wanted and one that is there: pure functions of ``docker container inspect``.

What is not wanted in any particular way is not looked at. Environment variables and labels may be more than those that
are wanted, since images bring their own; where there are ``extra_args``, which can add to anything, so may all lists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ropewalk.model.command import Change, Secret
from ropewalk.operations.docker.container_spec import Spec
from ropewalk.operations.docker.container_values import (
    bindings,
    bytes_of,
    image_name,
    mount,
    network_name,
    restart,
    stands_alone,
    variables,
    volume,
)
from ropewalk.operations.docker.things import pairs


def differences(spec: Spec, have: Mapping[str, Any], env_file_lines: Iterable[str] = ()) -> list[Change]:
    """Return what can be changed only by making the container anew."""
    config, host = have["Config"], have["HostConfig"]
    changes = [
        *_single(spec, config, host),
        *_environment(spec, config, env_file_lines),
        *_lists(spec, have),
    ]
    mode = str(host.get("NetworkMode") or "default")
    if spec.networks and (stands_alone(mode) or _alone(spec.networks)) and not _same_mode(spec.networks[0], mode):
        changes.append(Change("networks", mode, ", ".join(spec.networks)))
    return changes


def updates(spec: Spec, have: Mapping[str, Any]) -> list[tuple[Change, tuple[str, str]]]:
    """Return what can be changed while the container runs, with the words of ``docker container update``."""
    host = have["HostConfig"]
    policy = host.get("RestartPolicy") or {}
    found = []
    if spec.restart_policy and restart(spec.restart_policy) != restart(
        f"{policy.get('Name') or 'no'}:{policy.get('MaximumRetryCount') or 0}"
    ):
        change = Change("restart_policy", policy.get("Name") or "no", spec.restart_policy)
        found.append((change, ("--restart", spec.restart_policy)))
    cpus = (host.get("NanoCpus") or 0) / 1e9
    if spec.cpus and round(spec.cpus, 9) != cpus:
        found.append((Change("cpus", f"{cpus:g}", f"{spec.cpus:g}"), ("--cpus", f"{spec.cpus:g}")))
    return found


def networks_to_change(spec: Spec, have: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the networks to join and those to leave."""
    if not spec.networks or _alone(spec.networks):
        return [], []
    there = have["NetworkSettings"].get("Networks") or {}
    wanted = [network_name(network) for network in spec.networks]
    ids = {name: str((place or {}).get("NetworkID", "")) for name, place in there.items()}
    missing = [name for name in wanted if not any(_is_called(name, other, ids[other]) for other in there)]
    extra = [other for other in there if not any(_is_called(name, other, ids[other]) for name in wanted)]
    return missing, [] if spec.extra_args else extra


def network_names(have: Mapping[str, Any]) -> list[str]:
    return list(have["NetworkSettings"].get("Networks") or {})


def _single(spec: Spec, config: Mapping[str, Any], host: Mapping[str, Any]) -> Iterator[Change]:
    if spec.image and image_name(spec.image) != image_name(str(config.get("Image", ""))):
        yield Change("image", config.get("Image"), spec.image)
    for attribute, wanted, now in (
        ("hostname", spec.hostname, config.get("Hostname")),
        ("user", spec.user, config.get("User")),
    ):
        if wanted and wanted != now:
            yield Change(attribute, now or None, wanted)
    for attribute, flag, there in (
        ("auto_remove", spec.auto_remove, host.get("AutoRemove")),
        ("privileged", spec.privileged, host.get("Privileged")),
    ):
        if flag is not bool(there) and (flag or not spec.extra_args):
            yield Change(attribute, *(("no", "yes") if flag else ("yes", "no")))
    if spec.entrypoint is not None and ([spec.entrypoint] if spec.entrypoint else []) != (
        config.get("Entrypoint") or []
    ):
        yield Change("entrypoint", _text(config.get("Entrypoint")), spec.entrypoint)
    if spec.command and spec.command_words != (config.get("Cmd") or []):
        yield Change("command", _text(config.get("Cmd")), spec.command)
    if spec.memory and bytes_of(spec.memory) != (host.get("Memory") or 0):
        yield Change("memory", str(host.get("Memory") or 0), spec.memory)


def _environment(spec: Spec, config: Mapping[str, Any], env_file_lines: Iterable[str]) -> Iterator[Change]:
    """Yield changed variables by name only: their values are often secrets."""
    given = (variable.value if isinstance(variable, Secret) else variable for variable in spec.env_vars)
    wanted = {**variables(env_file_lines), **dict(_named(given))}
    now = pairs(config.get("Env"))
    for name, value in wanted.items():
        if name not in now or value not in (None, now[name]):
            yield Change(f"env {name}", "set" if name in now else None, "set anew" if name in now else "set")
    labels = config.get("Labels") or {}
    for name, text in pairs(spec.labels).items():
        if labels.get(name) != text:
            yield Change(f"label {name}", labels.get(name), text)


def _named(given: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Yield variables; one without a value gets that of the tool's surroundings, whatever it is."""
    for variable in given:
        name, equals, value = variable.partition("=")
        yield name, value if equals else None


def _lists(spec: Spec, have: Mapping[str, Any]) -> Iterator[Change]:
    config, host = have["Config"], have["HostConfig"]
    exact = not spec.extra_args
    published = {
        (port, entry.get("HostIp") or "", entry.get("HostPort") or "")
        for port, entries in (host.get("PortBindings") or {}).items()
        for entry in entries or ()
    }
    binds = {volume(bind) for bind in host.get("Binds") or ()}
    anonymous = {volume(path) for path in config.get("Volumes") or ()}
    mounts = {
        (entry.get("Type"), entry.get("Source") or "", entry.get("Target"), bool(entry.get("ReadOnly")))
        for entry in host.get("Mounts") or ()
    }
    wanted_ports = {binding for port in spec.ports for binding in bindings(port)}
    wanted_volumes = {volume(entry) for entry in spec.volumes}
    # The image may declare volumes without a name, too.
    there = binds | (anonymous & wanted_volumes)
    for attribute, given, wanted, now in (
        ("ports", spec.ports, wanted_ports, published),
        ("volumes", spec.volumes, wanted_volumes, there),
        ("mounts", spec.mounts, {mount(entry) for entry in spec.mounts}, mounts),
        ("dns", spec.dns, {(server,) for server in spec.dns}, {(server,) for server in host.get("Dns") or ()}),
    ):
        if given and not _fits(wanted, now, exact):
            yield Change(attribute, "; ".join(sorted(map(_words, now))) or None, "; ".join(given))


def _fits(wanted: Collection[Any], now: Collection[Any], exact: bool) -> bool:
    return set(wanted) == set(now) if exact else set(wanted) <= set(now)


def _words(entry: tuple[Any, ...]) -> str:
    """Show a port, volume or mount; its options come with commas between them."""
    parts = (",".join(part) if isinstance(part, tuple) else part for part in entry)
    return " ".join("read-only" if part is True else part for part in parts if part)


def _alone(networks: tuple[str, ...]) -> bool:
    return bool(networks) and stands_alone(networks[0])


def _same_mode(wanted: str, mode: str) -> bool:
    # Docker keeps the ID of the other container, not its name.
    return mode.startswith("container:") if wanted.startswith("container:") else mode == wanted


def _is_called(name: str, other: str, identifier: str) -> bool:
    return name == other or (len(name) >= 12 and identifier.startswith(name))


def _text(words: list[str] | None) -> str | None:
    return " ".join(words) if words else None
