return string.rep()
