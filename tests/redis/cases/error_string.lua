error('x')
