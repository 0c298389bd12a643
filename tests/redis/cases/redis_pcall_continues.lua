redis.pcall('NOPE')
redis.call('SET', 'b', 1)
return redis.pcall('LPUSH', 'b', 1)
