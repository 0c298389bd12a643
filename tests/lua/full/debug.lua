-- The debug library of the full profile.
local function f(a, b) local c = 3 return debug.getinfo(1, 'nSlu'), debug.getlocal(1, 3) end
local info, name, value = f(1, 2)
print(info.what, info.namewhat, info.linedefined, info.currentline, info.nups) -- expect: Lua	local	2	2	0
print(name, value)                                              -- expect: c	3
print(debug.getinfo(print).what, debug.getinfo(print, 'S').short_src) -- expect: C	[C]
print(debug.getinfo(100), pcall(debug.getinfo, 1, 'x'))         -- expect: nil	false	bad argument #2 to '?' (invalid option)
local up = 1
local function g() up = up + 1 return up end
print(debug.getupvalue(g, 1))                                   -- expect: up	1
print(debug.setupvalue(g, 1, 10), g(), up)                      -- expect: up	11	11
local function tail(n) if n == 0 then return (debug.traceback('t'):gsub('[^%s<]*debug.lua', 'F')) end return tail(n - 1) end
print((tail(1):gsub('%s+', ' ')))                               -- expect: t stack traceback: F:12: in function <F:12> (tail call): ? F:13: in main chunk [C]: ?
print((select(2, xpcall(function() error('x', 0) end, debug.traceback)):gsub('[^%s<]*debug.lua', 'F'):gsub('%s+', ' '))) -- expect: x stack traceback: [C]: in function 'error' F:14: in function <F:14> [C]: in function 'xpcall' F:14: in main chunk [C]: ?
local co = coroutine.create(function(x) local y = x + 1 coroutine.yield(y) end)
coroutine.resume(co, 4)
print(debug.getlocal(co, 1, 2))                                 -- expect: y	5
print((debug.traceback(co):gsub('[^%s<]*debug.lua', 'F'):gsub('%s+', ' '))) -- expect: stack traceback: [C]: in function 'yield' F:15: in function <F:15>
debug.setmetatable(1, { __index = function(n, k) return n .. k end, __call = function(n, x) return n + x end })
print((5).x, (5)(6))                                            -- expect: 5x	11
debug.setmetatable(1, nil)
