math.randomseed(7)
local out = {}
for i = 1, 5 do out[#out + 1] = math.random(1) end
for i = 1, 5 do out[#out + 1] = math.random(2.9) end
for i = 1, 5 do out[#out + 1] = math.random(3, 3) end
for i = 1, 5 do out[#out + 1] = math.random(-3.5, -1.5) end
for i = 1, 5 do out[#out + 1] = math.random(2^30) end
for i = 1, 5 do out[#out + 1] = math.random('10') end
return out
