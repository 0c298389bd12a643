-- seed: SET s x
local ok, e = pcall(redis.call, 'LPUSH', 's', 1)
return { tostring(ok), type(e), e }
