-- A stack overflow meets its handler, and a handler that overflows has failed.
local function deep() deep() end
print(xpcall(deep, function(m) return 'handled ' .. m:match('stack overflow') end))  -- expect: false	handled stack overflow
print(xpcall(deep, deep))                                       -- expect: false	error in error handling
local depth = 0
local function count() depth = depth + 1 count() end
pcall(count)
local first = depth
depth = 0
pcall(count)
print(first == depth)                                           -- expect: true
local function nested() return xpcall(function() nested() deep() end, function() local a = {} return #a end) end
print(nested())                                                 -- expect: false	0
-- A native that raised is a level: the position of level 2 is that of a C function.
print(xpcall(function() error('x') end, function() return (select(2, pcall(error, 'y', 3))) end)) -- expect: false	y
-- Refused calls leave nothing behind: the same depth every time.
local n = 0
local function protected() n = n + 1 local _, e = pcall(protected) return e end
local levels = setmetatable({}, { __index = function(t, k) return t[k + 1] end })
for _ = 1, 60 do pcall(function() return levels[1] end) nested() end
print(protected(), n)                                           -- expect: C stack overflow	198
