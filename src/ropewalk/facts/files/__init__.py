"""Facts about files: what is at a path, what is in it, what is below it."""

from __future__ import annotations

from ropewalk.facts.files.block import Block as Block
from ropewalk.facts.files.contents import FileContents as FileContents
from ropewalk.facts.files.contents import FindInFile as FindInFile
from ropewalk.facts.files.entry import Directory as Directory
from ropewalk.facts.files.entry import File as File
from ropewalk.facts.files.entry import FileDict as FileDict
from ropewalk.facts.files.entry import Link as Link
from ropewalk.facts.files.entry import Socket as Socket
from ropewalk.facts.files.find import FindDirectories as FindDirectories
from ropewalk.facts.files.find import FindFiles as FindFiles
from ropewalk.facts.files.find import FindFilesBase as FindFilesBase
from ropewalk.facts.files.find import FindLinks as FindLinks
from ropewalk.facts.files.flags import Flags as Flags
from ropewalk.facts.files.hashes import HashFileFactBase as HashFileFactBase
from ropewalk.facts.files.hashes import Md5File as Md5File
from ropewalk.facts.files.hashes import Sha1File as Sha1File
from ropewalk.facts.files.hashes import Sha256File as Sha256File
from ropewalk.facts.files.hashes import Sha384File as Sha384File
from ropewalk.facts.files.kind import Kind as Kind
