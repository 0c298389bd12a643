-- user: +@all ~a*
return redis.call('get', 'b')
