error('x', 0)
