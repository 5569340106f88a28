"""SSH from a host to another server: commands, files, keys. The host's own ``ssh`` connects, as the user there."""

from __future__ import annotations

from ropewalk.operations.ssh.command import command as command
from ropewalk.operations.ssh.download import download as download
from ropewalk.operations.ssh.keyscan import keyscan as keyscan
from ropewalk.operations.ssh.upload import upload as upload
