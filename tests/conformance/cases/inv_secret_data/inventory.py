hosts = [("@local", {"ssh_password": "s3cr3t-plum-9912", "color": "red"})]
