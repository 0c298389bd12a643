-- seed: SET s x; RPUSH l 1; HSET h a 1; SADD st m; ZADD z 1 m
local out = {}
for _, cmd in ipairs{ { 'LPUSH', 's', 1 }, { 'GET', 'l' }, { 'HGET', 'st', 'a' }, { 'SADD', 'z', 1 }, { 'ZADD', 'h', 1, 'x' }, { 'INCR', 'l' }, { 'XADD', 's', '*', 'a', 'b' } } do
  local r = redis.pcall(unpack(cmd))
  out[#out + 1] = r.err
end
return out
