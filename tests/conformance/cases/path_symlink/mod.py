WORD = "red"
