"""Who may administrate, with SSH keys and sudo: ropewalk inventory.py deploy.py"""

from ropewalk import host
from ropewalk.operations import files, server

server.group(name="Make the group of administrators", group="admins", system=True)

files.put(
    name="Let it use sudo",
    src="sudoers",
    dest="/etc/sudoers.d/admins",
    user="root",
    group="root",
    mode="440",
)

for user, keys in host.data.admins.items():
    server.user(
        name=f"Let {user} log in",
        user=user,
        groups=["admins"],
        append=True,
        shell="/bin/bash",
        public_keys=keys,
        delete_keys=True,
    )

for user in host.data.former_admins:
    server.user(name=f"Remove {user}", user=user, present=False)
