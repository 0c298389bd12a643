-- seed: SADD s a b c 4
redis.setresp(3)
local r = redis.call('SMEMBERS', 's')
return { type(r.set), tostring(r.set.a), tostring(r.set['4']), tostring(r.set.zz), r }
