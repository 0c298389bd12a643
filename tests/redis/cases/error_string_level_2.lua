local function f() error('x', 2) end

f()
