TOKENS = {}
CALLS = []
