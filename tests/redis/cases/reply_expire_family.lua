-- seed: SET a 1; SET b 1 EX 1000
return { redis.call('EXPIRE', 'a', 100), redis.call('TTL', 'a') > 90 and 'set' or 'not', redis.call('PERSIST', 'b'), redis.call('TTL', 'b'), redis.call('TTL', 'none'), redis.call('PEXPIRE', 'none', 5) }
