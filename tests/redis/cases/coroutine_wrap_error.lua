local f = coroutine.wrap(function() error('x') end)
f()
