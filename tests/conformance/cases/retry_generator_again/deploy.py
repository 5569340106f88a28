import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import operation
from pyinfra.facts.files import File


@operation()
def op():
    if host.get_fact(File, path=T + ".f"):
        yield f"echo second >> {T}"
    else:
        yield f"echo first >> {T}; touch {T}.f; exit 3"


op(name="op", _retries=1, _retry_delay=0)
