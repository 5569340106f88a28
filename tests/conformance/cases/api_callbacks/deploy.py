import os

try:
    from gevent import monkey

    monkey.patch_all()
except ImportError:
    pass
from pyinfra.api import Config, Inventory, State
from pyinfra.api.connect import connect_all, disconnect_all
from pyinfra.api.operation import add_op
from pyinfra.api.operations import run_ops
from pyinfra.operations import python, server

T = os.environ["TRACE"]
E = os.environ
D = {
    "ssh_hostname": E["CASE_SSH_HOST"],
    "ssh_port": int(E["CASE_SSH_PORT"]),
    "ssh_user": E["CASE_SSH_USER"],
    "ssh_key": E["CASE_SSH_KEY"],
    "ssh_known_hosts_file": E["CASE_KNOWN_HOSTS"],
}


def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


def make(n=2, hosts=None, **config):
    st = State(Inventory((hosts or [(f"h{i}", dict(D)) for i in range(1, n + 1)], {})), Config(**config))
    connect_all(st)
    return st


def failed(st):
    return " ".join(sorted(h.name for h in st.failed_hosts))

from pyinfra.api.state import BaseStateCallback, State as S


class Heard(BaseStateCallback):
    @staticmethod
    def host_connect(state, host):
        note("connect")

    @staticmethod
    def operation_start(state, op_hash):
        note("op start")

    @staticmethod
    def operation_host_error(state, host, op_hash, retry_count=0, max_retries=0):
        note("error")

    @staticmethod
    def operation_end(state, op_hash):
        note("op end")

    @staticmethod
    def host_disconnect(state, host):
        note("disconnect")


st = State(Inventory(([("h1", dict(D))], {})), Config())
st.add_callback_handler(Heard())
connect_all(st)
add_op(st, server.shell, name="boom", commands=["exit 3"], _ignore_errors=True)
run_ops(st)
disconnect_all(st)
