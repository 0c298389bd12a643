math.randomseed(2024)
local t = {}
for i = 1, 52 do t[i] = i end
for i = #t, 2, -1 do local j = math.random(i) t[i], t[j] = t[j], t[i] end
return t
