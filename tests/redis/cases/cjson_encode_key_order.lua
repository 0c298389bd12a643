local out = {}
local function put(t) out[#out + 1] = cjson.encode(t) end
put({ name = 'Ada', age = 36, email = 'a@b', tags = { 'x', 'y' }, active = true, id = 7 }) put({ a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8 })
local t = {} for i = 1, 20 do t['k' .. i] = i end put(t)
t = {} for i = 1, 15 do t[i * 100] = i t['s' .. i] = i end put(t)
put({ jobId = '1', data = '{}', opts = { attempts = 3, delay = 0, backoff = { type = 'exp', delay = 100 } }, timestamp = 1700000000000 })
t = { a = 1, b = 2, c = 3 } t.a = nil t.d = 4 put(t) t.e = 5 t.f = 6 put(t)
return out
