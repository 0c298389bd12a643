local out = {}
local function put(...) local t = {} for i = 1, select('#', ...) do t[i] = tostring((select(i, ...))) end out[#out + 1] = table.concat(t, ',') end
local co = coroutine.create(function(a, b)
  put('start', a, b)
  local c = coroutine.yield(a + b)
  put('got', c)
  local d, e = coroutine.yield(c * 2, 'x')
  put('got', d, e)
  return 'end', nil
end)
put(coroutine.status(co)) put(coroutine.resume(co, 1, 2)) put(coroutine.status(co)) put(coroutine.resume(co, 10)) put(coroutine.resume(co, 'p', 'q')) put(coroutine.status(co)) put(coroutine.resume(co))
return out
