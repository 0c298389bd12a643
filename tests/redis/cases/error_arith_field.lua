local t = {}
return 1 + t.x
