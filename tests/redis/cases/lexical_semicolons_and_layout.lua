local a = 1; local b = 2; do local c = a + b; a = c end; return a; -- the last
