return redis.call('NOPE', 'a')
