"""What ``import pyinfra_cli`` gives: the command line, for programs that start it, and what tests take from it."""
