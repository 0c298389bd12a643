local t = {}
t[1], t[2], t[4] = 'a', 'b', 'd'
return { t, #t }
