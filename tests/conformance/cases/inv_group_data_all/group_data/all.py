a = b = c = d = "all"
