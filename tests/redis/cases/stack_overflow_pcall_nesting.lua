local depth = 0
local function f() depth = depth + 1 local ok, e = pcall(f) if not ok then error(e, 0) end end
local ok, e = pcall(f)
return { tostring(ok), tostring(e), depth }
