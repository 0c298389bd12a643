local r = redis.call('LRANGE', 'none', 0, -1)
return { #r, type(r), r }
