return { redis.call('PFADD', 'h', 'a', 'b', 'c'), redis.call('PFCOUNT', 'h'), redis.call('PFADD', 'h', 'a') }
