local function f(n) return 1 + f(n + 1) end
local ok, e = pcall(f, 1)
print(ok, e:match('stack overflow'))                         -- expect: false	stack overflow
local function g() return pcall(g) end
print(type(g()))                                             -- expect: boolean
local t = setmetatable({}, {})
getmetatable(t).__index = function(t, k) return t[k + 1] end
ok, e = pcall(function() return t[1] end)
print(ok, e:match('stack overflow'))                         -- expect: false	stack overflow
local d = 0
local function h() d = d + 1 local x = h() return x end
pcall(h)
print(d > 15000, d <= 200000)                                -- expect: true	true
local co = coroutine.create(function() return f(1) end)
ok, e = coroutine.resume(co)
print(ok, e:match('stack overflow'))                         -- expect: false	stack overflow
for i = 1, 5 do ok = pcall(f, 1) end
print(ok)                                                    -- expect: false
local function cmp(a, b) table.sort({ 1, 2, 3 }, cmp) return a < b end
print(pcall(table.sort, { 1, 2, 3 }, cmp))                   -- expect: false	C stack overflow
print(pcall(string.rep, 'x', -1))                            -- expect: true	
