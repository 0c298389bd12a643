return redis.call('SUBSCRIBE', 'a')
