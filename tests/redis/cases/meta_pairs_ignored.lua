local t = setmetatable({ 1 }, { __pairs = function() return function() end end, __ipairs = function() end })
local n = 0
for _ in pairs(t) do n = n + 1 end
return n
