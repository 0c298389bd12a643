return redis.log('x', 'text')
