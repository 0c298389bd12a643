-- seed: SET k v
return { redis.call('get', 'k'), redis.call('GeT', 'k'), redis.pcall('get', 'k') }
