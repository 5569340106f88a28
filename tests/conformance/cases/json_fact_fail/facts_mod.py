from pyinfra.api import FactBase


class Bad(FactBase):
    command = "echo why-42 >&2; exit 3"


class Val(FactBase):
    command = "echo value-$((40+2))"


class Slow(FactBase):
    def command(self, trace, mark):
        return f"echo started >> {trace}; sleep 61.{mark}; echo value"
