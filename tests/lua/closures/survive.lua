-- open upvalues survive errors, coroutines and early returns
local kept
print(pcall(function() local x = 'x' kept = function() return x end error('e', 0) end)) -- expect: false	e
print(kept())                                                -- expect: x
local co = coroutine.wrap(function() local y = 1 kept = function() y = y + 1 return y end coroutine.yield() y = 100 coroutine.yield() end)
co()
print(kept())                                                -- expect: 2
co()
print(kept())                                                -- expect: 101
local function early(flag) local z = 'z' if flag then return function() return z end end local w = 'w' return function() return z .. w end end
print(early(true)(), early(false)())                         -- expect: z	zw
local list = {}
for i = 1, 200 do list[i] = function() return i end end
local sum = 0
for i = 1, 200 do sum = sum + list[i]() end
print(sum)                                                   -- expect: 20100
local function many() local a, b, c, d, e = 1, 2, 3, 4, 5 return function() a, b, c, d, e = b, c, d, e, a return a * 10000 + b * 1000 + c * 100 + d * 10 + e end end
local m = many()
print(m(), m(), m())                                         -- expect: 23451	34512	45123
