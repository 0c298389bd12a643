-- seed: SET n 41
return { redis.call('INCR', 'n'), type(redis.call('INCR', 'n')), redis.call('STRLEN', 'n'), redis.call('EXISTS', 'nope') }
