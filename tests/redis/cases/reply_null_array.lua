local r = redis.call('LPOP', 'none', 2)
return { type(r), tostring(r) }
