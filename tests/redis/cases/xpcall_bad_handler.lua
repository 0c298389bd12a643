local r = { pcall(xpcall, function() error('x') end) }
return { tostring(r[1]), tostring(r[2]), tostring(r[3]) }
