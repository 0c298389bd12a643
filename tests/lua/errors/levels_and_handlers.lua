local function at(n) error('lvl', n) end
print(pcall(at, 0))                                          -- expect: false	lvl
print(pcall(at, 1))                                          -- expect: false	errors/levels_and_handlers.lua:1: lvl
print(pcall(function() at(2) end))                           -- expect: false	errors/levels_and_handlers.lua:4: lvl
print(xpcall(function() error('x', 0) end, function(m) return 'handled ' .. m end)) -- expect: false	handled x
print(xpcall(function() return 1, 2 end, print))             -- expect: true	1	2
print(xpcall(function() local x = nil; x() end, function(m) return #m > 0 end)) -- expect: false	true
print(pcall(pcall, error, 'e'))                              -- expect: true	false	e
print(pcall(pcall))                                          -- expect: false	bad argument #1 to '?' (value expected)
local function nested(n) if n == 0 then error('deep', 0) end local ok, e = pcall(nested, n - 1) error(e .. n, 0) end
print(pcall(nested, 5))                                      -- expect: false	deep12345
print(xpcall(function() error({ code = 7 }) end, function(e) return e.code end)) -- expect: false	7
print(xpcall(function() error('first') end, function() error('second') end)) -- expect: false	error in error handling
local ok, e = pcall(function() local t = setmetatable({}, { __index = function(_, k) error('no field ' .. k, 2) end }) return t.abc end)
print(ok, e)                                                 -- expect: false	errors/levels_and_handlers.lua:14: no field abc
local function cleanup() local ok, e = pcall(error, 'inner', 0) return 'cleaned ' .. tostring(e) end
print(cleanup())                                             -- expect: cleaned inner
print(select('#', pcall(function() return nil, nil end)))    -- expect: 3
local results = { pcall(function(...) return ... end, 1, 2, 3) }
print(#results, results[4])                                  -- expect: 4	3
local count = 0
for i = 1, 1000 do if not pcall(error, i) then count = count + 1 end end
print(count)                                                 -- expect: 1000

-- a handler that is no function, __call or not: the error is the handler's
print(xpcall(function() nosuch() end, nil)) -- expect: false	error in error handling
print(xpcall(function() nosuch() end, 5)) -- expect: false	error in error handling
print(xpcall(error, 'text')) -- expect: false	error in error handling
print(xpcall(error, setmetatable({}, { __call = print }))) -- expect: false	error in error handling
print(xpcall(function() return 'no error' end, nil)) -- expect: true	no error
print(coroutine.resume(coroutine.create(function() return xpcall(error, nil) end))) -- expect: true	false	error in error handling

-- how often a handler that fails is called again: what fails in a C call counts its level
local calls, inner = 0, 0
print((xpcall(nil, function() calls = calls + 1 nosuch() end))) -- expect: false
print(calls) -- expect: 220
calls = 0
print(pcall(xpcall, nil, function() calls = calls + 1 for k in pairs({ 1 }) do inner = inner + 1 end nosuch() end)) -- expect: true	false	error in error handling
print(calls, inner) -- expect: 219	217
calls, inner = 0, 0
print(pcall(xpcall, error, function() calls = calls + 1 ('abc'):gsub('.', function() inner = inner + 1 end) nosuch() end)) -- expect: true	false	error in error handling
print(calls, inner) -- expect: 219	651
calls = 0
local odd = setmetatable({}, { __index = function() return nosuch() end })
print(xpcall(function() return odd.x end, function() calls = calls + 1 return odd.x end)) -- expect: false	error in error handling
print(calls) -- expect: 110
calls = 0
print(xpcall(function() for a in 5 do end end, function() calls = calls + 1 for k in calls do end end)) -- expect: false	error in error handling
print(calls) -- expect: 110

-- a level is cut off to 32 bits
print(pcall(function() error('x', 2 ^ 53) end)) -- expect: false	x
print(pcall(function() error('x', 2 ^ 32 + 1) end)) -- expect: false	errors/levels_and_handlers.lua:53: x

-- an iterator of the library fails one level deeper than a call of it
calls = 0
print(xpcall(function() for x in string.gmatch do end end, function() calls = calls + 1 nosuch() end)) -- expect: false	error in error handling
print(calls) -- expect: 219
