-- keys: doc
local user = { name = 'Ada', tags = { 'x' }, n = 1 }
redis.call('SET', KEYS[1], cjson.encode(user))
local back = cjson.decode(redis.call('GET', KEYS[1]))
back.n = back.n + 1
back.tags[#back.tags + 1] = 'y'
redis.call('SET', KEYS[1], cjson.encode(back))
return redis.call('GET', KEYS[1])
