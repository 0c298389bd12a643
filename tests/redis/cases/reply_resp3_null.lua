redis.setresp(3)
local r = redis.call('GET', 'none')
return { type(r), tostring(r) }
