local t
t = setmetatable({}, { __tostring = function() return tostring(t) end })
local ok, e = pcall(tostring, t)
return { tostring(ok), e }
