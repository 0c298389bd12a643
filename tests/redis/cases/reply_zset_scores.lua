-- seed: ZADD z 1 a 2.5 b -inf c +inf d 3e20 e
return redis.call('ZRANGE', 'z', 0, -1, 'WITHSCORES')
