-- seed: SET s x
local co = coroutine.create(function() return redis.call('LPUSH', 's', 1) end)
local ok, e = coroutine.resume(co)
return { tostring(ok), type(e), type(e) == 'table' and e.err or e }
