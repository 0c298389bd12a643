redis.call('SET', 'big', string.rep('x', 300000))
local v = redis.call('GET', 'big')
redis.call('APPEND', 'big', v)
return { #v, redis.call('STRLEN', 'big') }
