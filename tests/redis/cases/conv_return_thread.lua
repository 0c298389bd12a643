return coroutine.create(function() end)
