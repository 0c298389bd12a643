-- seed: MSET a 1 c 3
local r = redis.call('MGET', 'a', 'b', 'c', 'd')
return { #r, tostring(r[2]), tostring(r[4]), r }
