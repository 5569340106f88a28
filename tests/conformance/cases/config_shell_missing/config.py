from pyinfra import config

config.SHELL = "nosuchsh"
