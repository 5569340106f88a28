b = c = d = "group"
