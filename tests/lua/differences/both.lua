-- Where a pure Lua program can tell this machine from Lua 5.1: docs/reference/lua-differences.md.
-- redis-only
-- load asks its reader for everything before it compiles.
local asked = 0
print(load(function() asked = asked + 1 return ({ '= = 1 ', 'more' })[asked] end, '=r')) -- expect: nil	r:1: unexpected symbol near '='
print(asked)                                                    -- expect: 3
-- A dump is the reference's header and nothing more; no loader takes it.
print(#string.dump(function() end), (loadstring(string.dump(function() end)))) -- expect: 12	nil
-- [[ may stand inside [[ ]], as in the server's own build of Lua.
print([[a [[b]])                                                -- expect: a [[b
-- The collector stops the world: steps add up to a whole collection, stopping has no effect.
print(collectgarbage('step', -1), collectgarbage('stop'), collectgarbage('restart')) -- expect: true	0	0
local weak = setmetatable({}, { __mode = 'k' })
weak[{}] = 1
collectgarbage('stop')
repeat until collectgarbage('step')
print(next(weak))                                               -- expect: nil
-- What tostring shows of an object is its number in the run, never an address.
print(tostring({}):match('^table: 0x%x%x%x%x%x%x%x%x%x%x%x%x$') ~= nil, #tostring(print)) -- expect: true	24
local first, second = {}, {}
print(tostring(first) < tostring(second))                       -- expect: true
-- Patterns use no C stack: what ends stock Lua, or the process, has a result here.
print(#(('a'):rep(300000):match('^' .. ('a?'):rep(20) .. '.-b?$'))) -- expect: 300000
-- The handler of a stack overflow has a thousand calls more, not sixteen thousand.
local depth = 0
local function down(n) depth = n if n > 0 then down(n - 1) end return n end
local function overflow() overflow() end
print(xpcall(overflow, function() return down(900) end))        -- expect: false	900
print(xpcall(overflow, function() return down(2000) end))       -- expect: false	error in error handling
-- A number keeps no bits of a NaN but its sign.
local nan = struct.unpack('>d', '\255\248\0\0\0\0\0\5')
print(tostring(nan), (struct.pack('>d', nan):gsub('.', function(c) return ('%02x'):format(c:byte()) end))) -- expect: -nan	fff8000000000000
