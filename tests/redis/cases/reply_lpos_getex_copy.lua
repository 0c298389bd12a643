-- seed: RPUSH l a b a; SET s v
return { redis.call('LPOS', 'l', 'a', 'COUNT', 0), redis.call('GETEX', 's', 'EX', 100), redis.call('COPY', 'l', 'l2'), redis.call('SMISMEMBER', 'none', 'x', 'y'), redis.call('GETDEL', 's') }
