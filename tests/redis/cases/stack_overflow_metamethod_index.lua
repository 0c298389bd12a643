local t = {}
setmetatable(t, { __index = function(t, k) return t[k + 1] end })
local ok, e = pcall(function() return t[1] end)
return { tostring(ok), e }
