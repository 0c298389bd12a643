return redis.call('SET', 'a', true)
