return { tostring, function() end, coroutine.create(function() end), 5 }
