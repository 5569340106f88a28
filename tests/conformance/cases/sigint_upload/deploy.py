import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.operations import files


import time
from io import BytesIO


class Slow(BytesIO):
    def read(self, *args):
        with open(T, "a") as f:
            f.write("started\n")
        time.sleep(60)
        return b""


files.put(name="put", src=Slow(b"x"), dest=T + ".f", force=True)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
