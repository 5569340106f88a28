"""What every package manager shares: names and versions, what is missing, and the steps that follow from it."""

from __future__ import annotations

from ropewalk.operations.packaging.difference import Difference as Difference
from ropewalk.operations.packaging.difference import compare as compare
from ropewalk.operations.packaging.ensure import Manager as Manager
from ropewalk.operations.packaging.ensure import ensure as ensure
from ropewalk.operations.packaging.ensure import when as when
from ropewalk.operations.packaging.names import Packages as Packages
from ropewalk.operations.packaging.names import Wanted as Wanted
from ropewalk.operations.packaging.names import checked as checked
from ropewalk.operations.packaging.names import is_url as is_url
from ropewalk.operations.packaging.names import wanted as wanted
from ropewalk.operations.packaging.names import words as words
