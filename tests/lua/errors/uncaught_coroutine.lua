coroutine.wrap(function()
  local missing = nil
  missing() -- expect error: errors/uncaught_coroutine.lua:3: attempt to call local 'missing' (a nil value)
end)()
