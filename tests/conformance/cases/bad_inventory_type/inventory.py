hosts = ["@local", 5]
