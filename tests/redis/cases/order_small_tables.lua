local out = {}
local function put(t) local s = {} for k, v in pairs(t) do s[#s + 1] = tostring(k) end out[#out + 1] = table.concat(s, ' ') end
put({ a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8 }) put({ 1, 2, 3, x = 1, y = 2 }) put({ [1] = 1, [2] = 2, [3] = 3, [4] = 4 }) put({ [10] = 1, [20] = 2, [30] = 3 }) put({ [true] = 1, [false] = 2, a = 3, [1.5] = 4, [-1] = 5 }) put({ name = 1, age = 2, id = 3, email = 4, active = 5 }) put({ x = 1, y = 2, z = 3, 'p', 'q' })
local t = {} for i = 1, 20 do t['k' .. i] = i end put(t)
t = {} for i = 1, 6 do t[i * 1000] = i end put(t)
t = {} for i = 1, 10 do t[i] = i end t.x = 1 t[3] = nil put(t)
t = {} for i = 20, 1, -1 do t[i] = i end put(t)
t = {} for i = -5, 5 do t[i] = i end put(t)
t = {} for i = 1, 12 do t[i + 0.5] = i end put(t)
t = { a = 1, b = 2, c = 3, d = 4 } t.b = nil t.e = 5 put(t) t.f = 6 t.g = 7 put(t)
t = {} for i = 1, 9 do t[2^i] = i end put(t)
t = {} for _, w in ipairs{ 'get', 'set', 'del', 'incr', 'expire', 'ttl', 'lpush', 'rpush', 'sadd', 'zadd', 'hset', 'hget' } do t[w] = #w end put(t)
t = {} t[1e300] = 1 t[-1e300] = 2 t[1/0] = 3 t[-1/0] = 4 t[0] = 5 t[0.1] = 6 put(t)
return out
