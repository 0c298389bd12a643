local function f(n) return 1 + f(n + 1) end
local out = {}
for i = 1, 3 do local ok, e = pcall(f, 1) out[i] = e end
return out
