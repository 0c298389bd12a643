-- seed: SET x 1
redis.call('GET', 'x')
