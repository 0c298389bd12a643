local log = {}
local t = setmetatable({}, { __newindex = function(_, k, v) log[#log + 1] = k .. '=' .. v end })
t.a, t.b, t.c = 1, 2, 3
local i = 3
i, t[i] = 1, 'x'
return log
