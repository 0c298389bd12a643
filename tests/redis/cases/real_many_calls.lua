for i = 1, 500 do redis.call('HSET', 'h', 'f' .. i % 50, i) redis.call('ZADD', 'z', i, 'm' .. i % 70) end
return { redis.call('HLEN', 'h'), redis.call('ZCARD', 'z'), redis.call('HGET', 'h', 'f7'), redis.call('ZRANGE', 'z', 0, 3) }
