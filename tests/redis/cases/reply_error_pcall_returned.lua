-- seed: SET s x
return redis.pcall('INCR', 's')
