-- Functions: parameters, vararg, arg, upvalues of every kind, methods, self.
function f() end function f(a) return a end function f(a, b) return b, a end
function f(...) end function f(a, ...) return arg end function f(...) return ... end function f(...) return arg, ... end
function a.b() end function a.b.c(x) return x end function a.b.c:d(x) return self, x end function a:b(...) return self, ... end
local g; function g() return g end local function h() return h() end local i = function() return i end
local value = 1; local function by_value() return value end
local counter = 0; local function by_reference() counter = counter + 1 return counter end
local function deep() return function() return function() return value, counter end end end
local function shadow(value) local value = value; do local value = 2; k = function() return value end end return value end
local function argument(n) return function() n = n + 1 return n end end
local function argument_value(n) return function() return n end end
for i = 1, 3 do k[i] = function() return i end end
for i = 1, 3 do k[i] = function() i = i + 1 return i end end
for n, v in pairs(k) do k[n] = function() return n, v end end
for n, v in pairs(k) do k[n] = function() v = nil return n, v end if n then break end end
while value do local w = value; k[1] = function() return w end if w then break end end
while value do local w = value; k[1] = function() w = w + 1 end if w then break end do break end end
while value do if value then break end local w = value; k[1] = function() w = w + 1 end end
repeat local r = value; k[2] = function() return r end until r
repeat local r = value; k[2] = function() r = 1 end until r
repeat local r = value; if r then break end k[2] = function() r = 1 end until (function() return r end)()
do local z = 1; k = function() z = 2 end local y; k = function() return y end do local x = z; k = function() x = y end end end
local late; local function uses_late() return late end late = 1
local function mutual_a() return mutual_b() end
local even, odd; function even(n) return n == 0 or odd(n - 1) end function odd(n) return n ~= 0 and even(n - 1) end
local function returns_while_shared() local s = 1; k = function() s = s + 1 end if s then return s end return f(s), s end
local function tail_while_shared() local s = 1; k = function() s = s + 1 end return f(s) end
local function tail_open_while_shared(...) local s = 1; k = function() s = s + 1 end return f(s, ...) end
local a1, a2, a3, a4, a5, a6, a7, a8 = ...
k = function() return function() a1 = a8 return a1, a2, a3, a4, a5, a6, a7, a8 end end
k = {function() return a1 end, function() return a2 end, [function() end] = function() return k end}
k = (function() return value end)() + (function(...) return select("#", ...) end)(1, 2, value)
local function nested_arg(...) local function inner(...) return arg end return inner(...) end
local function unused_arg(...) local function inner() return 1 end return inner end
return by_value, by_reference, deep
