"""The reference of operations and facts, made of their signatures and docstrings.

``docstring`` takes a docstring apart, ``entry`` gathers what there is to say of an operation or fact, ``index`` finds
them all, ``text`` and ``markdown`` write it down. Nothing is written twice: what the pages say stands in the code.
"""

from __future__ import annotations

from ropewalk.cli.reference.entry import Entry as Entry
from ropewalk.cli.reference.entry import entry_of as entry_of
from ropewalk.cli.reference.index import Module as Module
from ropewalk.cli.reference.index import module as module
from ropewalk.cli.reference.index import modules as modules
from ropewalk.cli.reference.index import names as names
