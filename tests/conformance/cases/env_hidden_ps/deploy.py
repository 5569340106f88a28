import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api.hiddenvalue import HiddenValue

server.shell(
    name="s",
    commands=[f"ps axww > {T}.ps; echo length ${{#SECRET}} >> {T}"],
    _env={"SECRET": HiddenValue("s3cr3t-plum-9912")},
)
