local mt = { __lt = function(a, b) return a.v < b.v end }
local function v(x) return setmetatable({ v = x }, mt) end
return { tostring(v(1) <= v(2)), tostring(v(2) <= v(1)), tostring(v(1) >= v(1)) }
