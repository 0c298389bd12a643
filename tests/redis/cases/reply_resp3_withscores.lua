-- seed: ZADD z 1.5 a 2 b
redis.setresp(3)
local r = redis.call('ZRANGE', 'z', 0, -1, 'WITHSCORES')
return { #r, r[1][1], tostring(r[1][2].double), r }
