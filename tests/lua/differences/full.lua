-- Where the full profile of ferrous-vm differs from lua5.1: docs/reference/lua-differences.md.
-- redis-only
-- Nothing is finalized.
local p, finalized = newproxy(true), false
getmetatable(p).__gc = function() finalized = true end
p = nil
collectgarbage() collectgarbage()
print(finalized)                                                -- expect: false
-- == does not ask the __eq of userdata.
local a = newproxy(true)
getmetatable(a).__eq = function() return true end
print(a == newproxy(a))                                         -- expect: false
-- Calls and returns are no events of a hook; there is one hook at a time, and no debugger.
local events = 0
debug.sethook(function() events = events + 1 end, 'cr')
tostring(1)
debug.sethook()
print(events, debug.debug)                                      -- expect: 0	nil
local co = coroutine.create(function() end)
debug.sethook(co, print, '', 5)
debug.sethook(print, '', 100000)
print(debug.gethook(co))                                        -- expect: nil		0
debug.sethook()
-- Library functions show no upvalues; their arguments can be read, not set.
print(debug.getinfo(ipairs, 'u').nups)                          -- expect: 0
print(pcall(debug.setlocal, 1, 1, 5))                           -- expect: true	nil
-- A local that is not assigned after a closure took it is copied.
local x = 1
local function get() return x end
debug.setupvalue(get, 1, 2)
print(get(), x)                                                 -- expect: 2	1
-- A coroutine that failed has no stack any more.
local co = coroutine.create(function() error('x') end)
coroutine.resume(co)
print(debug.traceback(co))                                      -- expect: stack traceback:
-- No processes, no environment, one locale, UTC.
print(pcall(io.popen, 'ls'))                                    -- expect: false	'popen' not supported
print(os.execute(), os.execute('true'), os.getenv('HOME'))      -- expect: 0	-1	nil
print(os.setlocale('de_DE.UTF-8'), os.date('%Z', 0))            -- expect: nil	UTC
-- Files are in memory: a directory need not exist, nothing outside is seen.
local f = io.open('/no/such/folder/file', 'w')
print(io.type(f), f:write('text'), f:close(), io.open('/etc/passwd')) -- expect: file	true	true	nil	/etc/passwd: No such file or directory	2
print(io.open('/no/such/folder/file'):read('*a'))               -- expect: text
-- package knows Lua files below the working directory, nothing else.
print(package.path, package.cpath == '', #package.loaders)      -- expect: ./?.lua;./?/init.lua	true	2
print(package.loadlib('x', 'y'))                                -- expect: nil	dynamic libraries not enabled; check your Lua installation	absent
-- math.random is the server's generator, with a fixed state at the start.
print(math.random(1000000))                                     -- expect: 396465
print(cjson ~= nil and bit ~= nil and redis ~= nil)             -- expect: true
