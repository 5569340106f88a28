import json

from pyinfra.api import FactBase, ShortFactBase, StringCommand
from pyinfra.api.command import QuoteString


class Stock(FactBase):
    """What lies on the shelves: {article: pieces}."""

    default = dict

    def requires_command(self, path):
        return "cat"

    def command(self, path):
        return StringCommand("cat", QuoteString(path), "2>/dev/null || true")

    def process(self, output):
        return json.loads("\n".join(output))


class Scanner(FactBase[bool]):
    """Needs a program that no machine has."""

    def requires_command(self):
        return "shop-scanner-that-is-not-there"

    def command(self):
        return "shop-scanner-that-is-not-there --list"

    @staticmethod
    def default():
        return False


class Machine(FactBase):
    command = "echo till; uname -s"

    def process(self, output):
        return {"kind": output[0], "system": output[1]}


class MachineKind(ShortFactBase):
    fact = Machine

    def process_data(self, data):
        return data["kind"]
