"""Puts this directory on the import path, so that tests can use ``support``."""
