#!lua flags=no-writes
return redis.call('SET', 'a', 1)
