local ok, e = pcall(function() return #('x'):rep(1e18) end)
return { tostring(ok), tostring(e) }
