local r = redis.pcall('SET', 'a', function() end)
return { type(r), r.err }
