-- Assignments, loops, blocks, calls and returns.
local a, b, c
a = 1; b, c = 2; a, b, c = 3, 4, 5, 6; a, b = f(); a, b, c = 1, f(); a, b, c = f(), 1; a = f(), g()
a, b = b, a; a.x, a.y = a.y, a.x; a[b], b = b, a[b]; a[a], a = 1, 2; b[a], a[b], a, b = 1, 2, 3, 4
x, y = 1; x, a.b, a = f(); x = x; x.y.z = x.y; x[1], x[2], x["k"], x[nil], x[true] = ...
local d; local e, g; local h = nil; local i, j = nil, nil; local k, l = f(); local m, n = ...; local o, p = 1, 2, 3
do local q; local r; q = r; do local s = q; s = s end; local t end
while true do break end while 1 do if a then break end b = c end while a do do break end end
while nil do a = 1 end while false do a = 1 end while a and b or c do end while not a do end
repeat until true repeat local z = a until z repeat if a then break end until b == c repeat a = 1 break until a
repeat until nil repeat until false repeat local u, v = 1 until u < v and v or u
for i = 1, 10 do end for i = a, b, c do a = i end for i = 1, 2, -1 do if i == a then break end end
for i = f(), g(), h() do local i = i; i = i + 1 end for i = 1, 2 do for j = i, 3 do f(i, j) end end
for k, v in pairs(a) do k = v end for k in f, a, b do break end for p, q, r, s in f() do end for k in ... do end
for k, v in f, a, b, c do end for k in next, {} do local function h() return k end end
if a then elseif b then elseif c then else end if a then b = 1 else b = 2 end if a then return end
if a then if b then if c then a = 1 end end end
f(); f(a); f(a, b, g()); f(...); f((...)); f(a, ...); f(g(h())); f{1}; f"x"; a.b(c); a:b(c); a.b.c:d(...); a[1](2)
f
{
  g
  "h"
}
local function one() return a end
local function two() return a, b end
local function all(...) return ... end
local function some(...) return a, ... end
local function tail() return f(a) end
local function method_tail() return a:b() end local
function later() end
local function many() return f(), g() end local function none() return; end
local function paren() return (f()) end
do return a, b, f(c) end
