-- seed: SET s x
local r = redis.pcall('INCR', 's')
local keys = {}
for k, v in pairs(r) do keys[#keys + 1] = k .. '=' .. tostring(v) end
table.sort(keys)
return keys
