local calls = 0
local mt = { __lt = function(a, b) calls = calls + 1 return a.v < b.v end }
local t = {}
for i = 1, 30 do t[i] = setmetatable({ v = (i * 17) % 31 }, mt) end
table.sort(t)
local out = { calls }
for i, v in ipairs(t) do out[#out + 1] = v.v end
return out
