local depth = 0
local function f() depth = depth + 1 f() end
pcall(f)
return depth
