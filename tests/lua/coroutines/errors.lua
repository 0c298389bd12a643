local co = coroutine.create(function() error('boom') end)
print(coroutine.resume(co))                                  -- expect: false	coroutines/errors.lua:1: boom
print(coroutine.status(co))                                  -- expect: dead
print(coroutine.resume(co))                                  -- expect: false	cannot resume dead coroutine
co = coroutine.create(function() error({ code = 5 }) end)
local ok, e = coroutine.resume(co)
print(ok, e.code)                                            -- expect: false	5
print(pcall(coroutine.wrap(function() error('w', 0) end)))   -- expect: false	w
co = coroutine.create(function() local x = nil; return x.y end)
print(coroutine.resume(co))                                  -- expect: false	coroutines/errors.lua:9: attempt to index local 'x' (a nil value)
print(coroutine.resume(coroutine.create(function() return pcall(error, 'in', 0) end))) -- expect: true	false	in
print(coroutine.resume(coroutine.create(function() return pcall(coroutine.yield) end))) -- expect: true	false	attempt to yield across metamethod/C-call boundary
co = coroutine.create(function() table.sort({ 2, 1 }, function() coroutine.yield() end) end)
print(coroutine.resume(co))                                  -- expect: false	attempt to yield across metamethod/C-call boundary
co = coroutine.create(function() return ('x'):gsub('x', coroutine.yield) end)
print(coroutine.resume(co))                                  -- expect: false	attempt to yield across metamethod/C-call boundary
co = coroutine.create(function() return setmetatable({}, { __index = function() coroutine.yield() end }).x end)
print(coroutine.resume(co))                                  -- expect: false	attempt to yield across metamethod/C-call boundary
co = coroutine.create(function() for i in function() return coroutine.yield('for') end do return i end end)
print(coroutine.resume(co))                                  -- expect: false	attempt to yield across metamethod/C-call boundary
print(coroutine.resume(co, 7))                               -- expect: false	cannot resume dead coroutine
co = coroutine.create(function() local t = setmetatable({}, { __call = function() return coroutine.yield('call') end }) return t() end)
print(coroutine.resume(co))                                  -- expect: true	call
print(coroutine.resume(co, 'back'))                          -- expect: true	back
local self
self = coroutine.create(function() return coroutine.resume(self) end)
print(coroutine.resume(self))                                -- expect: true	false	cannot resume running coroutine
print(pcall(coroutine.resume, nil))                          -- expect: false	bad argument #1 to '?' (coroutine expected)
print(pcall(coroutine.status, {}))                           -- expect: false	bad argument #1 to '?' (coroutine expected)

-- one that was refused for want of a C level before it began is dead
local again
local function wrap_itself() local w = coroutine.wrap(wrap_itself) local ok = pcall(w) if not ok then again = again or select(2, pcall(w)) end end
wrap_itself()
print(again) -- expect: cannot resume dead coroutine
