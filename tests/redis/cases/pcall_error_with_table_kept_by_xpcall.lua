local t = { code = 1 }
local ok, e = xpcall(function() error(t) end, function(m) return m end)
return { tostring(ok), tostring(e == t) }
