#!lua
return 'with shebang'
