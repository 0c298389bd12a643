-- seed: SET s x
redis.setresp(3)
local r = redis.pcall('LPUSH', 's', 1)
return { r.err, tostring(r.map) }
