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

import importlib

for name in """pyinfra.api.arguments:AllArguments pyinfra.api.arguments:pop_global_arguments pyinfra.api.command:StringCommand pyinfra.api.command:make_formatted_string_command
pyinfra.api.connect:connect_all pyinfra.api.connectors:get_all_connectors pyinfra.api.deploy:add_deploy pyinfra.api.exceptions:PyinfraError
pyinfra.api.exceptions:NestedOperationError pyinfra.api.facts:get_facts pyinfra.api.host:Host pyinfra.api.inventory:Inventory pyinfra.api.operation:OperationMeta
pyinfra.api.operation:add_op pyinfra.api.operations:run_ops pyinfra.api.state:BaseStateCallback pyinfra.api.state:StateStage pyinfra.api.util:get_file_sha1
pyinfra.api.util:get_template pyinfra.api.util:make_hash pyinfra.connectors.base:BaseConnector pyinfra.connectors.base:DataMeta pyinfra.connectors.util:CommandOutput
pyinfra.context:ctx_host pyinfra.context:ctx_state pyinfra.facts.files:File pyinfra.facts.util.packaging:parse_packages pyinfra.operations.util.packaging:ensure_packages
pyinfra.operations.util.files:get_timestamp pyinfra.progress:progress_spinner pyinfra.api.hiddenvalue:HiddenValue pyinfra:logger""".split():
    mod, attr = name.split(":")
    try:
        getattr(importlib.import_module(mod), attr)
    except Exception as e:
        note(f"{name} {type(e).__name__}")
note("done")
