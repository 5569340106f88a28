from pyinfra import config

config.SUDO = True
