local out = {}
local mt = {}
mt.__eq = function(a, b) out[#out + 1] = 'eq' return a.v == b.v end
mt.__lt = function(a, b) out[#out + 1] = 'lt' return a.v < b.v end
mt.__le = function(a, b) out[#out + 1] = 'le' return a.v <= b.v end
local function v(x) return setmetatable({ v = x }, mt) end
local a, b, c = v(1), v(2), v(1)
local function put(x) out[#out + 1] = tostring(x) end
put(a == b) put(a == c) put(a ~= c) put(a < b) put(a > b) put(a <= c) put(a >= b) put(a == 1) put(rawequal(a, c)) put(not (a < b))
local other = setmetatable({ v = 1 }, { __eq = function() return true end })
put(a == other)
return out
