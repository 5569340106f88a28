import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import operation


@operation()
def login(user, password):
    yield f"echo {user} >> {T}"


login("joe", password="s3cr3t-plum-9912")
