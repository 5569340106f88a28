"""From options to what a run needs: config, inventory, the hosts to work on, and a state that holds them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from ropewalk.api.config import Config
from ropewalk.api.context import current_config, use
from ropewalk.api.host import Host
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.cli.options import Options
from ropewalk.cli.recall import Recall
from ropewalk.engine.imports import kept
from ropewalk.inventories import check_requirements, load_config, load_inventory, parse_data, select
from ropewalk.model.command import Secret
from ropewalk.model.errors import UsageError
from ropewalk.model.record import record
from ropewalk.model.sourced import Sourced

#: Asks for a secret before the run; ``None`` where nobody can be asked.
Ask = Callable[[str], str | None]


@record
class Setup:
    """What a run works with.

    :param modules: those that config, inventory and group data have imported from the working directory.
    """

    inventory: Inventory
    config: Config
    state: State
    hosts: list[Host]
    modules: dict[str, ModuleType]


def prepare(options: Options, inventory_argument: str, ask: Ask, recall: Recall) -> Setup:
    """Load config and inventory and choose the hosts.

    :raises UsageError: something of it makes no sense; no host has been touched.
    """
    enter_directory(options.chdir)
    cwd = Path.cwd()
    with kept(str(cwd)) as modules:
        config = load_config(options.config or "config.py", options.config is not None, cwd)
        apply_options(config, options, ask)
        check_requirements(config)
        override = override_data(options, ask)
        with use(current_config, config):  # inventories and group data may read and set it
            inventory = load_inventory(inventory_argument, cwd=cwd, group_data=options.group_data, override=override)
    only_failed = options.failed or options.resume
    hosts = select(inventory, options.limit, options.exclude, failed=recall.failed, only_failed=only_failed)
    state = State(inventory, config, check_for_changes=not options.no_plan)
    state.limit_hosts = hosts if options.limit or options.exclude or only_failed else None
    return Setup(inventory, config, state, hosts, modules)


def enter_directory(chdir: str | None) -> None:
    """Make a directory the working directory, from which modules can be imported."""
    if chdir is not None:
        try:
            os.chdir(chdir)
        except OSError as error:
            raise UsageError(f"--chdir {chdir}: {error.strerror}") from None
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)


def apply_options(config: Config, options: Options, ask: Ask) -> None:
    """Let options win over the config file.

    :raises UsageError: an option has no effect without another one that was not given.
    """
    given: dict[str, Any] = {
        "SUDO": options.sudo or None, "SUDO_USER": options.sudo_user, "USE_SUDO_LOGIN": options.use_sudo_login or None,
        "SU_USER": options.su_user, "DZDO": options.dzdo or None, "DZDO_USER": options.dzdo_user,
        "SHELL": options.shell_executable, "PARALLEL": options.parallel, "RETRY": options.retry,
        "RETRY_DELAY": options.retry_delay, "FAIL_PERCENT": options.fail_percent, "DIFF": options.diff or None,
        "SSH_BACKEND": options.ssh_backend,
    }  # fmt: skip
    for key, value in given.items():
        if value is not None:
            setattr(config, key, value)
    for flag, user, switch in (("sudo", options.sudo_user, config.SUDO), ("dzdo", options.dzdo_user, config.DZDO)):
        if user is not None and not switch:
            raise UsageError(
                f"--{flag}-user has no effect without --{flag}", hint=f"add --{flag}, or config.{flag.upper()}"
            )
    if options.use_sudo_password:
        config.SUDO_PASSWORD = Secret(_ask(ask, "sudo password: ", "--use-sudo-password"))


def override_data(options: Options, ask: Ask) -> dict[str, Any]:
    """Return the host data that the command line gives."""
    data = parse_data(options.data)
    password = options.ssh_password
    if options.ssh_password_prompt:
        if password is not None:
            raise UsageError("--ssh-password and --ssh-password-prompt exclude each other")
        password = _ask(ask, "SSH password: ", "--ssh-password-prompt")
    given = {
        "ssh_user": options.ssh_user, "ssh_port": options.ssh_port, "ssh_key": options.ssh_key,
        "ssh_key_password": options.ssh_key_password, "ssh_password": password, "ssh_backend": options.ssh_backend,
        "ssh_jump": options.jump,
    }  # fmt: skip
    made = Sourced(data, "--data")
    for key, value in given.items():
        if value is not None:
            made.put(key, value, "--jump" if key == "ssh_jump" else f"--{key.replace('_', '-')}")
    return made


def _ask(ask: Ask, prompt: str, option: str) -> str:
    answer = ask(prompt)
    if answer is None:
        raise UsageError(f"{option}: there is no terminal to ask on")
    return answer
