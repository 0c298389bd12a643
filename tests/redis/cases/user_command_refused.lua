-- user: +@all -incr ~a*
return redis.call('incr', 'a')
