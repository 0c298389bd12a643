#!lua flags=no-writes
return redis.pcall('SET', 'a', 1)
