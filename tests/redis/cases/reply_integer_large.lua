-- seed: SET n 9007199254740990
local t = {}
for i = 1, 5 do t[i] = redis.call('INCR', 'n') end
redis.call('SET', 'm', '9223372036854775806')
t[6] = redis.call('INCR', 'm')
t[7] = tostring(redis.call('GET', 'n'))
return t
