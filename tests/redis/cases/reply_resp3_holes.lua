-- seed: MSET a 1 c 3
redis.setresp(3)
local r = redis.call('MGET', 'a', 'b', 'c')
return { tostring(r[1]), tostring(r[2]), tostring(r[3]), r }
