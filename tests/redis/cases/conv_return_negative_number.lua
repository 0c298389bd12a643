return -12
