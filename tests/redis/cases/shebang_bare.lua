#!
return 1
