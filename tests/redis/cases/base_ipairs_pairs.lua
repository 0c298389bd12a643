local out = {}
local function try(f, ...) local ok, e = pcall(f, ...) out[#out + 1] = ok and type(e) or e end
try(ipairs) try(ipairs, nil) try(ipairs, 5) try(pairs) try(pairs, nil) try(pairs, 'x') try(ipairs, {}) try(pairs, {})
local t = setmetatable({}, { __index = function(_, i) if i < 4 then return i * 10 end end })
local n = 0
for i, v in ipairs(t) do n = n + v end
out[#out + 1] = n
local f, s, c = ipairs({ 7 })
out[#out + 1] = type(f) .. type(s) .. c
f, s, c = pairs({ 7 })
out[#out + 1] = tostring(f == next) .. type(s) .. tostring(c)
return out
