hosts = [("@local", {"d": "host"})]
