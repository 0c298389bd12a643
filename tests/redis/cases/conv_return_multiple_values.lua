return 'first', 'second'
