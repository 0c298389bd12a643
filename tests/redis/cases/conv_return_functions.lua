return { print or 1, function() end, coroutine.create(function() end), 5 }
