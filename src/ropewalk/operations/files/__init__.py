"""files: content, owners and modes of files, directories and links."""

from __future__ import annotations

from ropewalk.operations.files.block import block as block
from ropewalk.operations.files.copy import copy as copy
from ropewalk.operations.files.directory import directory as directory
from ropewalk.operations.files.download import download as download
from ropewalk.operations.files.file import file as file
from ropewalk.operations.files.flags import flags as flags
from ropewalk.operations.files.get import get as get
from ropewalk.operations.files.line import line as line
from ropewalk.operations.files.link import link as link
from ropewalk.operations.files.move import move as move
from ropewalk.operations.files.put import put as put
from ropewalk.operations.files.replace import replace as replace
from ropewalk.operations.files.rsync import rsync as rsync
from ropewalk.operations.files.sync import sync as sync
from ropewalk.operations.files.template import template as template
from ropewalk.operations.files.unarchive import unarchive as unarchive
