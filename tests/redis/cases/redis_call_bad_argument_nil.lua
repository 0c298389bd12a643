return redis.call('SET', 'a', nil)
