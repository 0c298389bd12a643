local out = {}
local function try(...) local ok, e = pcall(...) out[#out + 1] = tostring(e) end
try(select, 0, 1) try(select, -3, 1, 2) try(select, 'x') try(select) try(select, {}) try(select, '1', 'a') try(select, 1.9, 'a', 'b')
return out
