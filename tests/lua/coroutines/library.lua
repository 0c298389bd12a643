print(coroutine.running())                                   -- expect: nil
local co
co = coroutine.create(function() return coroutine.running() == co, type(coroutine.running()), coroutine.status(co) end)
print(coroutine.resume(co))                                  -- expect: true	true	thread	running
print(coroutine.status(co), coroutine.resume(co))            -- expect: dead	false	cannot resume dead coroutine
print(pcall(coroutine.wrap, string.rep))                                       -- expect: false	bad argument #1 to '?' (Lua function expected)
print(pcall(coroutine.create, print))                                          -- expect: false	bad argument #1 to '?' (Lua function expected)
-- Open argument lists that need a larger stack.
local function first(a, b, c) return a, b, c end
local function deep(n, ...) if n == 0 then return first(...) end local a, b, c = deep(n - 1, ...) return a, b, c end
print(deep(3000, 1, 2, 3))                                   -- expect: 1	2	3
local function narrow(n, a, b) if n == 0 then return a, b end return narrow(n - 1, first(a, b)) end
local function wide(n, a, b) if n == 0 then return a, b end local x, y = wide(n - 1, first(a, b)) return x, y end
print(narrow(100000, 1, 2))                                  -- expect: 1	2
print(wide(10000, 1, 2))                                     -- expect: 1	2
print(coroutine.wrap(function(...) return wide(...) end)(10000, 1, 2)) -- expect: 1	2
