import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
import io
import sys

sys.stdout = io.StringIO()
sys.stderr = None
server.shell(name="bad-42", commands=["echo why-42 >&2; exit 3"])
