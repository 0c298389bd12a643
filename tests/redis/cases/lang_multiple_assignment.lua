local a, b, c = 1, 2
local x, y = 5, 6
x, y = y, x
a, b = b, a
local t = { 1, 2 }
local i = 1
i, t[i] = i + 1, 20
local function f() return 1, 2, 3 end
local p, q, r, s = f()
local u, v = (f())
local w = { f(), 10, f() }
return { a, b, tostring(c), x, y, t, i, p, q, r, tostring(s), u, tostring(v), #w, w }
