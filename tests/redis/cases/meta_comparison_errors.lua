local out = {}
local function try(f) local ok, e = pcall(f) out[#out + 1] = tostring(e) end
local a = setmetatable({}, { __lt = function() return 1 end })
local b = setmetatable({}, { __lt = function() return nil end })
try(function() return a < b end) try(function() return a < 1 end) try(function() return 1 < a end) try(function() return a < a end) try(function() return a <= b end) try(function() return a < 'x' end)
return out
