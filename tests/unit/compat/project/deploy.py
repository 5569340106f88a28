from pyinfra import config, host, inventory, local, logger, state
from pyinfra.api.exceptions import NestedOperationError
from pyinfra.operations import python, server
from shop import open_shop
from shop.operations import ring

config.SHELL = "bash"
log = f"{host.data.base}/log"


def tell(text, loud=False):
    result = server.shell(name="Nested", commands=[f"echo {text} $BASH_VERSION | cut -c1-5"])
    ring(name="Heard", text=result.stdout.upper() if loud else result.stdout, log=log)
    try:
        server.shell(name="Fail quietly", commands=["exit 3"], _ignore_errors=True)
    except NestedOperationError:
        logger.warning("cannot happen: the failure is ignored")


assert inventory.get_group("shops") == [host]
assert host.name == "@local"
assert "shops" in host.groups
assert inventory.get_host("@local").data.get("nothing", 3) == 3
assert state.config is not None

open_shop(log=log)
local.include("tasks/cleanup.py", data={"broom": "besom"})
python.call(name="Tell", function=tell, text="hello", loud=True)
