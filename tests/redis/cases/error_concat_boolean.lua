local yes = true
return 'x' .. yes
