return redis.pcall('GET', 'a', 'b')
