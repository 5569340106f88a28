"""The SSH connector. asyncssh is imported when the first connection is made, not before."""

from ropewalk.connectors.ssh.connector import SSHConnector

__all__ = ["SSHConnector"]
