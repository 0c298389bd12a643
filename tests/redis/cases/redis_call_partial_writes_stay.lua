redis.call('SET', 'a', 1)
redis.call('RPUSH', 'l', 1, 2)
error('after the writes')
