return redis.log(4, 'text')
