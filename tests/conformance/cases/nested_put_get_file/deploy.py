import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


def cb():
    from io import BytesIO, StringIO
    ok1 = host.put_file(StringIO("x"), T + ".f")
    out = BytesIO()
    ok2 = host.get_file(T + ".f", out)
    note(f"{ok1} {ok2} {out.getvalue()}")


python.call(name="call", function=cb)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
