from pyinfra import inventory

n = len(list(inventory))
