-- seed: ZADD z 1.5 a 2 b
redis.setresp(3)
local r = redis.call('ZSCORE', 'z', 'a')
return { type(r), tostring(r.double), r, redis.call('ZINCRBY', 'z', 0.1, 'b') }
