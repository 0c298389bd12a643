-- seed: HSET h f1 v1 f2 v2 f3 v3
redis.setresp(3)
local r = redis.call('HGETALL', 'h')
local n = 0
for k in pairs(r) do n = n + 1 end
return { type(r.map), r.map.f1, r.map.f3, tostring(r.map.none), n, r }
