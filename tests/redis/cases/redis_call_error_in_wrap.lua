-- seed: SET s x
local f = coroutine.wrap(function() return redis.call('LPUSH', 's', 1) end)
return f()
