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

st = make()
add_op(st, server.shell, name="boom", commands=["exit 3"])
add_op(st, server.shell, name="later", commands=[f"echo later >> {T}"])
try:
    run_ops(st)
except Exception:
    pass
r = st.results[next(iter(st.inventory))]
note(f"failed: {failed(st)} error {r.error_ops} success {r.success_ops}")
