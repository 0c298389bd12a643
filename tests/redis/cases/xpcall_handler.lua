local out = {}
local function try(f, h) local r = { xpcall(f, h) } for i = 1, #r do r[i] = tostring(r[i]) end out[#out + 1] = table.concat(r, ',') end
try(function() return 1, 2 end, function() return 'h' end)
try(function() error('x') end, function(m) return 'h:' .. m end)
try(function() error('x', 0) end, function(m) return m, 'second dropped' end)
try(function() local a; a() end, function(m) return '<' .. m .. '>' end)
try(function() error() end, function(m) return type(m) end)
try(function() error('x') end, function(m) error('again') end)
try(function() error({ 1 }) end, function(m) return m[1] end)
return out
