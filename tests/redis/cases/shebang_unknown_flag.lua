#!lua flags=bad-flag
return 1
