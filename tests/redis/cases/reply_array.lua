-- seed: RPUSH l a b c
local r = redis.call('LRANGE', 'l', 0, -1)
return { #r, r, r[1], r[3], tostring(r[4]) }
