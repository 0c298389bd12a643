-- seed: SADD s pear apple fig Banana cherry
local t = redis.call('SMEMBERS', 's')
table.sort(t)
local u = redis.call('SMEMBERS', 's')
table.sort(u, function(a, b) return a:lower() < b:lower() end)
return { t, u }
