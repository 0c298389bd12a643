local a = 1
local b = 2
local c = 3

local function f()

  error('on seven')
end
f()
