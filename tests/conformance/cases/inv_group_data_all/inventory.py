web = [("@local", {"c": "host", "d": "host"})]
