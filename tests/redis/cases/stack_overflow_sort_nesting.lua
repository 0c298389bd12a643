local depth = 0
local function f() depth = depth + 1 table.sort({ 1, 2 }, f) return true end
local ok, e = pcall(f)
return { tostring(ok), tostring(e), depth }
