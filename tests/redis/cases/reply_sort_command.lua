-- seed: RPUSH l 3 1 2; MSET w1 9 w2 1 w3 5
return { redis.call('SORT', 'l'), redis.call('SORT', 'l', 'DESC'), redis.call('SORT', 'l', 'BY', 'w*', 'GET', '#', 'GET', 'w*') }
