local log = {}
local store = {}
local t = setmetatable({}, { __newindex = function(t, k, v) log[#log + 1] = k .. '=' .. tostring(v) rawset(t, k, v) end })
t.a = 1 t.a = 2 t.b = nil t.b = 3
local u = setmetatable({}, { __newindex = store })
u.x = 5
return { log, tostring(rawget(u, 'x')), store.x, t.a, t.b }
