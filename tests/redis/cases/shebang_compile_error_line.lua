#!lua

return = 1
