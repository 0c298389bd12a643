return redis.call(nil)
