local t = {}
for i = 1, 3000 do t[i] = i end
return t
