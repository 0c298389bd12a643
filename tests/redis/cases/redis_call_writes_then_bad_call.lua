redis.call('SET', 'a', 1)
redis.call('NOPE')
redis.call('SET', 'b', 1)
