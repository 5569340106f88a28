import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


from pyinfra import state
from pyinfra.api import BaseStateCallback


class Heard(BaseStateCallback):
    @staticmethod
    def operation_host_start(state, host, op_hash):
        note("start")

    @staticmethod
    def operation_host_success(state, host, op_hash, retry_count=0):
        note("success")


state.add_callback_handler(Heard())
server.shell(name="a", commands=[f"echo a >> {T}"])
server.shell(name="b", commands=[f"echo b >> {T}"])
