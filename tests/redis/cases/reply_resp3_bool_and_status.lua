-- seed: SET a 1
redis.setresp(3)
local r = redis.call('SET', 'a', 2)
return { r.ok, redis.call('EXISTS', 'a'), r }
