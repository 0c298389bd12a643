-- seed: MSET a 1 b 2
local r = redis.call('SCAN', 0, 'COUNT', 100)
table.sort(r[2])
return { r[1], type(r[1]), r[2] }
