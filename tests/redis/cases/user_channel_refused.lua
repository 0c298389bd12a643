-- user: +@all ~* resetchannels
return redis.call('publish', 'b', 'x')
