-- runs: 2
local before = redis.call('GET', 'none')
redis.setresp(3)
return { tostring(before), tostring(redis.call('GET', 'none')) }
