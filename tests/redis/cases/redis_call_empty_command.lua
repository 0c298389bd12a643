return redis.call('')
