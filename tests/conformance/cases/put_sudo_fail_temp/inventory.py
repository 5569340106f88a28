import os as _os

_e = _os.environ
_d = {
    "ssh_hostname": _e["CASE_SSH_HOST"],
    "ssh_port": int(_e["CASE_SSH_PORT"]),
    "ssh_user": _e["CASE_SSH_SUDO_USER"],
    "ssh_key": _e["CASE_SSH_KEY"],
    "ssh_known_hosts_file": _e["CASE_KNOWN_HOSTS"],
}
hosts = [
    ("h1", dict(_d)),
]
