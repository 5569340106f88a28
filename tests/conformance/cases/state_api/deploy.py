import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


from pyinfra import config, inventory, state


def cb():
    note(f"{len(inventory)} {sorted(h.name for h in inventory)} {len(inventory.get_active_hosts())}")
    note(f"{state.is_executing} {len(state.failed_hosts)} {len(state.active_hosts)} {host in state.active_hosts}")
    note(f"{host.connected} {state.inventory is not None} {config.SUDO} {state.config.SUDO}")
    note(f"{host.print_prefix != ''} {'h1' in str(host)}")
    host.log("log-42")


python.call(name="call", function=cb)
