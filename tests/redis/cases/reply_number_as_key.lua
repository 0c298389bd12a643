redis.call('SET', 7, 'seven')
redis.call('HSET', 'h', 1, 2, 3.5, 4)
return { redis.call('GET', '7'), redis.call('GET', 7), redis.call('HGETALL', 'h') }
