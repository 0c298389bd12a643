return 'abc' + 1
