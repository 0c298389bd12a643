-- seed: SET x 10
local t = setmetatable({}, { __index = function(_, k) return redis.call('GET', k) end, __newindex = function(_, k, v) redis.call('SET', k, v) end })
t.y = 20
return { t.x, t.y, tostring(t.none) }
