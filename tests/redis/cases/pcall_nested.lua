local function f(n) if n == 0 then error('bottom', 0) end local ok, e = pcall(f, n - 1) error(e .. '.' .. n, 0) end
local ok, e = pcall(f, 20)
return e
