return redis.call('SET', 'a', {})
