local out = {}
local t = {}
for i = 1, 8000 do t[i] = i end
local function try(n) local ok, e = pcall(function() return select('#', unpack(t, 1, n)) end) out[#out + 1] = n .. ' ' .. tostring(e) end
try(0) try(1) try(100) try(7000) try(7900) try(7990) try(7999) try(8000) try(9000) try(1e6) try(1e8)
return out
