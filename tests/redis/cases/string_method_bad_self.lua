return string.upper()
