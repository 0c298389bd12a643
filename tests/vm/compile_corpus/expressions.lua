-- Operators: priorities, folding and what must not be folded, short circuits.
local a, b, c, d = 1, 2, 3, 4
local x
x = a + b * c - d / a % b ^ c ^ d
x = (a + b) * -(c - d) ^ -2
x = 2 ^ 3 ^ 2; x = -2 ^ 2; x = (2 + 3) * 4 - 1; x = 1 / 0; x = 0 / 0; x = 5 % 0; x = 1 % 0 + 2
x = -0; x = 0; x = 0 - 0; x = -0 + a; x = 1e308 * 10; x = -(1e308 * 10) x = 2 ^ 0.5 x = 7 % -3 x = -7 % 3
x = "1" + 2; x = 2 + "1"; x = -"2"; x = - -"2"; x = #"abc"; x = -#x; x = not #x; x = 1 .. 2
x = not nil; x = not true; x = not 1; x = not "a"; x = not not a; x = not (a == b); x = not (a and b)
x = nil == nil; x = 1 < 2; x = "a" >= "b"; x = nil ~= false; x = a == nil; x = nil == a; x = 1 == a; x = 1 < a; x = a < 1
x = a > b; x = a >= b; x = a > 1; x = 1 > a; x = a ~= b; x = a <= 1; x = 1 <= a; x = 1 >= a; x = a == "k"
x = a and b; x = a or b; x = a and b or c; x = (a or b) and c; x = not a and b; x = a and not b; x = not (a or b)
x = nil and a; x = false or a; x = true and a; x = true or a; x = 1 and a; x = "s" or a; x = nil or nil; x = 2 and 3
x = a == b and c or d; x = a < b or c < d; x = (a < b) == (c < d); x = a and b == c; x = (a and b) == c
x = a .. b .. c; x = (a .. b) .. c; x = a .. (b .. c) .. d; x = a + b .. c + d; x = a .. "x" .. 1 .. y
x = (f()); x = (...); x = f() + 1; x = -f(); x = #...; x = {...}; x = f(...)[1]; x = ("x"):rep(3)
x = a.b.c[d][1]["k"].e; x = a[b](c).d:e(f).g; x = (a or b).c; x = (a)(b); x = ((a)); x = (a.b); x = (a.b)(c)
x = f "s" { 1 } [[t]]; x = f {} .x; x = f:m "s" : n {} : o [[t]]
x = a < b and b < c or c < d and d < a or not (a < d)
while a < b and (c or d) do x = a == 1 end
if not (a and b or c and not d) then x = 1 elseif not a then x = 2 else x = 3 end
if nil then x = 1 end if false then x = 1 else x = 2 end if true then x = 1 end if 1 then x = 2 end
if a == nil or a == false then x = 1 end
x = function() return end
return a and f(), b or g(...), (h())
