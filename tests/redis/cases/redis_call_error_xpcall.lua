-- seed: SET s x
local ok, e = xpcall(function() return redis.call('LPUSH', 's', 1) end, function(x) return x end)
return { tostring(ok), type(e), type(e) == 'table' and e.err or e }
