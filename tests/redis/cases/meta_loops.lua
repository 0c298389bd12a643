local out = {}
local t = {} setmetatable(t, { __index = t })
local ok, e = pcall(function() return t.x end) out[#out + 1] = tostring(e)
local u = {} setmetatable(u, { __newindex = u })
ok, e = pcall(function() u.x = 1 end) out[#out + 1] = tostring(e)
return out
