local t = setmetatable({ 1, 2 }, { __index = function(_, k) return 'made up ' .. tostring(k) end })
local u = setmetatable({}, { __index = { err = 'NOT seen' }, __len = function() return 9 end })
return { t, u, #u }
