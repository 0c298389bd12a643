return 5 & 2
