return nope
