-- fresh
local out = {}
for i = 1, 8 do out[i] = string.format('%.17g', math.random()) end
return out
