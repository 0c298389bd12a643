local function f(...) local a = ... return arg end
local ok, e = pcall(f, 1)
return { tostring(ok), tostring(e) }
