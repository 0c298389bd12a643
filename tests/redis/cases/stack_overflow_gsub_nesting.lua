local depth = 0
local function f() depth = depth + 1 return (string.gsub('x', 'x', f)) end
local ok, e = pcall(f)
return { tostring(ok), tostring(e), depth }
