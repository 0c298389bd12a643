-- seed: SET s hello
local v = redis.call('GET', 's')
return { v, type(v), #v }
