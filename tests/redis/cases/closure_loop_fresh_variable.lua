local fs = {}
for i = 1, 3 do fs[i] = function() i = i + 10 return i end end
local w = {}
local j = 0
while j < 3 do j = j + 1 local k = j w[j] = function() return k end end
local r = {}
repeat local z = #r r[#r + 1] = function() return z end until z >= 2
local g = {}
for k, v in pairs{ 7, 8 } do g[k] = function() return v end end
return { fs[1](), fs[1](), fs[2](), w[1](), w[3](), r[1](), r[3](), g[1](), g[2]() }
