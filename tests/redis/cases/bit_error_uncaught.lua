return bit.band('x')
