local t = setmetatable({}, { __index = function() return 'meta' end, __newindex = function() error('no') end, __eq = function() return true end })
local u = setmetatable({}, getmetatable(t))
rawset(t, 'a', 1)
local out = { tostring(rawget(t, 'b')), rawget(t, 'a'), tostring(rawequal(t, u)), tostring(t == u), tostring(rawset(t, 'c', 2) == t) }
local function try(f, ...) local ok, e = pcall(f, ...) out[#out + 1] = tostring(e) end
try(rawset, {}, nil, 1) try(rawset, {}, 0/0, 1) try(rawset, 5, 1, 1) try(rawget, 5, 1) try(rawset, {}, 1) try(rawget, {}) try(rawequal, 1) 
return out
