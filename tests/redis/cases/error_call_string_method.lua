return ('x'):nope()
