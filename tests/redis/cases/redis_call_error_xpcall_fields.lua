-- seed: SET s x
local _, e = xpcall(function() return redis.call('LPUSH', 's', 1) end, function(x) return x end)
local t = {}
for k, v in pairs(e) do t[#t + 1] = tostring(k) .. '=' .. tostring(v) end
table.sort(t)
return t
