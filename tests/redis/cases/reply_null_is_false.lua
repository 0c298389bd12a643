local v = redis.call('GET', 'nope')
return { type(v), tostring(v), tostring(v == false), v }
