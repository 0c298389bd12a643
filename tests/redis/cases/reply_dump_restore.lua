-- seed: RPUSH l 1 2 3
local d = redis.call('DUMP', 'l')
redis.call('RESTORE', 'copy', 0, d)
return { type(d), redis.call('LRANGE', 'copy', 0, -1) }
