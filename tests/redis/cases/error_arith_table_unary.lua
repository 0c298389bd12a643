return -{}
