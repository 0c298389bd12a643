local out = {}
local outer
outer = coroutine.create(function()
  local inner = coroutine.create(function() out[#out + 1] = coroutine.status(outer) end)
  coroutine.resume(inner)
  out[#out + 1] = coroutine.status(inner)
  out[#out + 1] = coroutine.status(outer)
  local ok, e = coroutine.resume(outer)
  out[#out + 1] = tostring(e)
end)
coroutine.resume(outer)
out[#out + 1] = coroutine.status(outer)
out[#out + 1] = tostring(coroutine.running())
return out
