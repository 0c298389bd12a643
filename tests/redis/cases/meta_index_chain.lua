local a = { x = 1 }
local b = setmetatable({ y = 2 }, { __index = a })
local c = setmetatable({ z = 3 }, { __index = b })
local d = setmetatable({}, { __index = function(t, k) return c[k] or 'made ' .. k end })
return { d.x, d.y, d.z, d.w, tostring(rawget(d, 'x')) }
