#!js
return 1
