return print('x')
