from enum import Enum

from pyinfra.operations import server


class Manager(Enum):
    APT = "apt"
    DNF = "dnf"


COMMANDS = {Manager.APT: "echo apt", Manager.DNF: "echo dnf"}


def install(manager, trace):
    server.shell(name="x", commands=[f"{COMMANDS[manager]} >> {trace}"])
