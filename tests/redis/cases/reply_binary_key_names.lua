local key = 'k\0\r\n\255'
redis.call('SET', key, 1)
return { redis.call('EXISTS', key), redis.call('EXISTS', 'k'), redis.call('KEYS', '*') }
