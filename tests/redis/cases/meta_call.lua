local t = setmetatable({}, { __call = function(self, ...) return select('#', ...), ... end })
local u = setmetatable({}, { __call = t })
local ok, e = pcall(function() return u(1) end)
return { t(), { t(1, nil, 3) }, tostring(ok), tostring(e) }
