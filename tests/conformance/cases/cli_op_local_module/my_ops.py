import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import operation


@operation()
def greet(word):
    yield f'echo {word} >> {T}'
