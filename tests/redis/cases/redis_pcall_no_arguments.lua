return redis.pcall()
