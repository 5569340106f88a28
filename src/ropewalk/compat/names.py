"""Placeholder written first so that installs work; see the module's docstring once it is complete."""


def offer() -> None:
    """Do nothing yet."""
