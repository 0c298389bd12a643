error(5)
