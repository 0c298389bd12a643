return 1
