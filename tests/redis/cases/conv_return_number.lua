return 3.7
