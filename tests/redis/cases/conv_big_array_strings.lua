local t = {}
for i = 1, 1500 do t[i] = 'value:' .. i end
return t
