local co = coroutine.wrap(function(...) local n = select('#', ...) while true do n = select('#', coroutine.yield(n)) end end)
return { co(), co(nil), co(nil, nil), co(1, 2, 3), co() }
