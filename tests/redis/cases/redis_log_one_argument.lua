return redis.log(redis.LOG_DEBUG)
