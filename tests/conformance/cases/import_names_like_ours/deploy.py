import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
import config
import files
from facts.mine import Mine
from operations.mine import mine
from utils import WORD

mine(name="mine")
server.shell(name="s", commands=[f"echo {WORD} {files.X} {config.Y} {host.get_fact(Mine)} >> {T}"])
