return math.floor('x')
