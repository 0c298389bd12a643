-- seed: SET s x
return redis.call('INCR', 's')
