local t = {}
return t.x.y
