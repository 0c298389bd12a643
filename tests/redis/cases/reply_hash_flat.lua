-- seed: HSET h f1 v1 f2 v2
local r = redis.call('HGETALL', 'h')
return { #r, r }
