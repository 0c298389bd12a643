return redis.sha1hex('a', 'b')
