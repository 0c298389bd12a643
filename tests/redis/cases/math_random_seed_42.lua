math.randomseed(42)
local out = {}
for i = 1, 5 do out[i] = string.format('%.17g', math.random()) end
math.randomseed(42)
for i = 1, 10 do out[#out + 1] = math.random(1, 1000) end
for i = 1, 10 do out[#out + 1] = math.random(6) end
for i = 1, 5 do out[#out + 1] = math.random(-10, 10) end
return out
