-- seed: HSET h name Ada age 36 city London lang Lua role admin score 99
local flat = redis.call('HGETALL', 'h')
local t = {}
for i = 1, #flat, 2 do t[flat[i]] = flat[i + 1] end
local out = {}
for k, v in pairs(t) do out[#out + 1] = k .. '=' .. v end
return { out, cjson.encode(t) }
