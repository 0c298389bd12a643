local a, b = 1, "x"
print(a + 2, b .. "y" .. 3, -a, not b, #b)
local t = {1,2,3; x = 1, ["y"] = 2, f = function(...) return ... end}
for i = 1, 10 do if i > 5 then break elseif i == 3 then a = i else t[i] = i end end
for k, v in pairs(t) do print(k, v) end
while a and b or t.x do a = nil end
repeat local z = 1; local function g() z = z + 1 return g() end until z
t.a.b.c:d(1, 2, ...)
t[1], t.x = f()
local function fact(n) if n == 0 then return 1 end return n * fact(n-1) end
return fact(5), f(...)
