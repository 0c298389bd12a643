return redis.call('OBJECT', 'NOPE', 'a')
