import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.operations import files


files.put(name="put", src="payload.txt", dest=T + ".f", mode="600", user=os.environ["CASE_SSH_PW_USER"], _sudo=True)
