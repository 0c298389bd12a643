local out = {}
local function put(...) local t = {} for i = 1, select('#', ...) do t[i] = tostring((select(i, ...))) end out[#out + 1] = table.concat(t, ',') end
local co = coroutine.create(function() error('in co') end)
put(coroutine.resume(co)) put(coroutine.status(co)) put(coroutine.resume(co))
co = coroutine.create(function() error({ 1 }) end)
local ok, e = coroutine.resume(co) put(ok, type(e))
co = coroutine.create(function() local x; x() end)
put(coroutine.resume(co))
put(pcall(coroutine.create, 5)) put(pcall(coroutine.create)) put(pcall(coroutine.resume, 5)) put(pcall(coroutine.status, nil)) put(pcall(coroutine.wrap, 'x')) put(pcall(coroutine.create, string.len))
put(pcall(coroutine.yield, 1))
local w = coroutine.wrap(function() error('wrapped') end)
put(pcall(w)) put(pcall(w))
w = coroutine.wrap(function() return 1 end)
put(w()) put(pcall(w))
return out
