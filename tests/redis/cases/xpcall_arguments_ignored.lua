return { xpcall(function(...) return select('#', ...) end, function() end, 1, 2, 3) }
