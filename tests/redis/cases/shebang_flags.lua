#!lua flags=no-writes
-- seed: SET a 1
return redis.call('GET', 'a')
