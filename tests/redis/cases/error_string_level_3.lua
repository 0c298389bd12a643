local function g() error('deep', 3) end
local function f()
  g()
end
f()
