from pyinfra.api import FactBase


class Mine(FactBase):
    command = "echo mine"
